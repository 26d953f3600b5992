/** A whole call from one agent to another, hop by hop: network, mesh, and the gateway's route. */
import { calleeHeaderValue, istio, kagent } from "../../topology/index";
import { authorize, jwtRules, type Token } from "./istio";
import { agentPod, type Pod, tokenFor } from "./kagent";
import { connects, type Endpoint } from "./network";
import { type Doc, type Objects, selects } from "./objects";

export interface World {
  readonly objects: Objects;
  readonly agents: readonly Doc[];
  readonly trustDomain: string;
  readonly routing: string;
}

const { AGENT_PORT, CALLEE_HEADER, KAGENT_NAMESPACE } = kagent;
const { GATEWAY_LABELS, GATEWAY_NAME, GATEWAY_NAMESPACE, GATEWAY_PORT } = istio;

export const GATEWAY: Pod = {
  namespace: GATEWAY_NAMESPACE,
  labels: GATEWAY_LABELS,
  serviceAccount: GATEWAY_NAME,
  address: "10.244.0.10",
};
export const kagentPod = (component: kagent.KagentComponent): Pod => ({
  namespace: KAGENT_NAMESPACE,
  labels: kagent.kagentPodLabels(component),
  serviceAccount: `kagent-${component}`,
  address: "10.244.0.11",
});
export const podEnd = ({ address, namespace, labels }: Pod): Endpoint => ({
  address,
  pod: { namespace, labels },
});
export const principalOf = (world: World, { namespace, serviceAccount }: Pod): string =>
  `${world.trustDomain}/ns/${namespace}/sa/${serviceAccount}`;

export type Outcome = "answered" | `stopped by ${"network" | "gateway" | "route" | "callee"}`;
export interface Call {
  readonly from: Pod;
  readonly to: Doc;
  readonly token?: Token | undefined;
  /** Value of `x-kagent-host`; that of the callee unless told. */
  readonly host?: string;
  /** `/` unless told. */
  readonly path?: string;
}

const hostOf = ({ metadata }: Doc): string =>
  calleeHeaderValue({ tenant: metadata.namespace, name: metadata.name });

/** Straight to the pod of the callee. */
export function callDirectly(world: World, { from, to, token, path = "/" }: Call): Outcome {
  const pod = agentPod(to);
  if (!connects(world.objects, { from: podEnd(from), to: podEnd(pod), port: AGENT_PORT }))
    return "stopped by network";
  const principal = principalOf(world, from);
  return authorize(world.objects, { to: pod, port: AGENT_PORT, principal, token, path }) === "allowed"
    ? "answered"
    : "stopped by callee";
}

/**
 * Whether a caller in the mesh proves its identity to the gateway: the Gateway must be there for these pods, on this port and
 * for every host, and both sides must speak mutual TLS. PeerAuthentication has no say in it (measured, Istio 1.31).
 */
export function gatewayKnowsIdentities({ objects }: Pick<World, "objects">): boolean {
  const servers = objects
    .in("Gateway", GATEWAY_NAMESPACE)
    .filter(({ spec }) => selects({ matchLabels: spec.selector }, GATEWAY_LABELS))
    .flatMap(({ spec }) => spec.servers)
    .filter(({ port }) => port.number === GATEWAY_PORT);
  const rule = objects
    .all("DestinationRule")
    .find(({ spec }) => spec.host.startsWith(`${GATEWAY_NAME}.${GATEWAY_NAMESPACE}.svc.`));
  return (
    servers.length > 0 &&
    servers.every(({ tls, hosts }) => tls?.mode === "ISTIO_MUTUAL" && hosts.includes("*")) &&
    rule?.spec.trafficPolicy.tls.mode === "ISTIO_MUTUAL"
  );
}

/** What a gateway judges by: its own servers, and not a PeerAuthentication, say how it is spoken to. */
export const atGateway = (objects: Objects): Objects =>
  objects.filter(({ kind }) => kind !== "PeerAuthentication");

/**
 * Where the gateway sends a request: a Service of a callee, `<host>` and port; undefined where no route matches. Of several
 * VirtualServices for one host Istio takes the oldest first, and among equals goes by name (Istio 1.31).
 */
export function routeOf(objects: Objects, host: string): { host: string; port: number } | undefined {
  const age = ({ metadata }: Doc): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
  const [destination] = [...objects.all("VirtualService")]
    .filter(({ spec }) => spec.gateways.includes(GATEWAY_NAME) && spec.hosts.includes("*"))
    .sort((a, b) => (age(a) < age(b) ? -1 : 1))
    .flatMap(({ spec }) => spec.http)
    // Routes without a match come last, whatever they belong to (measured, Istio 1.31).
    .sort((a, b) => Number(a.match === undefined) - Number(b.match === undefined))
    .filter(
      ({ match }) =>
        match === undefined || match.some(({ headers }: Doc) => headers[CALLEE_HEADER]?.exact === host),
    )
    .flatMap(({ route }) => route.map((one: Doc) => one.destination));
  return destination && { host: destination.host, port: destination.port.number };
}

function routeTo({ objects, agents }: World, host: string): Doc | undefined {
  const destination = routeOf(objects, host);
  if (destination === undefined || destination.port !== AGENT_PORT) return undefined;
  const [name, namespace] = destination.host.split(".");
  return agents.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
}

export function callThroughGateway(
  world: World,
  { from, to, token, host = hostOf(to), path = "/" }: Call,
): Outcome {
  const { objects } = world;
  if (!connects(objects, { from: podEnd(from), to: podEnd(GATEWAY), port: GATEWAY_PORT }))
    return "stopped by network";
  if (!gatewayKnowsIdentities(world)) return "stopped by gateway";
  const principal = principalOf(world, from);
  const headers = { [CALLEE_HEADER]: host };
  const request = { to: GATEWAY, port: GATEWAY_PORT, principal, token, headers, path };
  if (authorize(atGateway(objects), request) !== "allowed") return "stopped by gateway";
  const callee = routeTo(world, host);
  if (callee === undefined) return "stopped by route";
  const forwarded = jwtRules(objects, GATEWAY).every(
    ({ forwardOriginalToken }) => forwardOriginalToken === true,
  );
  return callDirectly(world, { from: GATEWAY, to: callee, token: forwarded ? token : undefined, path });
}

/** As the Python runtime does it, with the token of the caller's own tool. */
export function delegate(world: World, caller: Doc, callee: Doc): Outcome {
  const call: Call = { from: agentPod(caller), to: callee, token: tokenFor(world.objects, caller, callee) };
  return world.routing === "gateway" ? callThroughGateway(world, call) : callDirectly(world, call);
}

/** An agent's own, and one of an API that agents use elsewhere: a rule for that API could come to cover another workload. */
const PATHS = ["/", kagent.AGENT_API_PATHS[0]];

/** Whatever the caller tries: every token it can lay hands on, or none, on every way there is. */
export function canReach(world: World, caller: Doc, callee: Doc, tokens: readonly Token[]): boolean {
  const ways = world.routing === "gateway" ? [callDirectly, callThroughGateway] : [callDirectly];
  return [undefined, ...tokens].some((token) =>
    PATHS.some((path) => {
      const call: Call = { from: agentPod(caller), to: callee, token, path };
      return ways.some((way) => way(world, call) === "answered");
    }),
  );
}
