/** What an Envoy in force demands of those who connect to its pod, from the listeners that its `config_dump` shows. */
import { istio } from "../../topology/index";
import type { Doc } from "../static/objects";

export interface Inbound {
  /** Filter chains for connections to the pod. */
  readonly chains: number;
  /** Those that take a connection without a client certificate. */
  readonly plain: readonly string[];
}

/** Where istio-iptables sends what comes in (Istio 1.31). */
const VIRTUAL_INBOUND = 15006;

/** @param dump JSON of `config_dump`; undefined: it holds no listener for the pod, so nothing is known */
export function inbound(dump: Doc, role: "sidecar" | "gateway"): Inbound | undefined {
  const port = role === "sidecar" ? VIRTUAL_INBOUND : istio.GATEWAY_PORT;
  const listeners = listenersOf(dump).filter(({ address }) => address?.socket_address?.port_value === port);
  if (listeners.length === 0) return undefined;
  const chains: Doc[] = listeners.flatMap(({ filter_chains = [], default_filter_chain }) => [
    ...filter_chains,
    ...(default_filter_chain === undefined ? [] : [default_filter_chain]),
  ]);
  // What is sent to Envoy's own port comes from nobody who was intercepted: istiod gives it a chain that leads nowhere.
  const serving = chains.filter(
    ({ filter_chain_match }) =>
      role === "gateway" || filter_chain_match?.destination_port !== VIRTUAL_INBOUND,
  );
  return {
    chains: serving.length,
    plain: serving
      .filter(({ transport_socket }) => transport_socket?.typed_config?.require_client_certificate !== true)
      .map(({ name }) => String(name ?? "without a name")),
  };
}

function listenersOf(dump: Doc): Doc[] {
  const of = ({ active_state, listener }: Doc): Doc[] => [active_state?.listener ?? listener ?? []].flat();
  const configs: Doc[] = dump.configs ?? [];
  return configs.flatMap((config) => [
    // A whole dump has lists of listeners; one of a resource has the listeners themselves.
    ...[config, ...(config.dynamic_listeners ?? []), ...(config.static_listeners ?? [])].flatMap(of),
  ]);
}
