import { ISTIO_NAMESPACE, ISTIOD_PORT, PROBE_PORTS } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import { type Flow, flowsOf, networkPolicies } from "../../reading/flows";

const NAMES = ["TCP/53", "UDP/53"];
const PROBES = PROBE_PORTS.map((port) => `TCP/${port}`);

const only = (ports: readonly string[], allowed: readonly string[]): boolean =>
  ports.length > 0 && ports.every((port) => allowed.includes(port));

function isNeededByAll({ direction, peer, ports }: Flow): boolean {
  if (direction === "ingress") return peer.kind === "addresses" && only(ports, PROBES);
  if (peer.kind === "addresses") return only(ports, NAMES);
  if (peer.kind !== "elsewhere") return false;
  if (only(ports, NAMES)) return true;
  return peer.namespaces.every((name) => name === ISTIO_NAMESPACE) && only(ports, [`TCP/${ISTIOD_PORT}`]);
}

export const everyPod = rule({
  name: "network-every-pod",
  layer: "network",
  severity: "critical",
  description:
    "What every pod of a governed namespace may do is resolve names, reach istiod, and answer the kubelet's probes.",
  why: "A flow that holds for every pod holds for the one that somebody else starts.",
  remediation: ["Move the flow into the NetworkPolicy of the agent that needs it."],
  subjects: (stack) =>
    networkPolicies(stack)
      .flatMap((policy) => flowsOf(stack, policy))
      .filter(({ subject }) => subject === "all"),
  *check(flow) {
    if (!isNeededByAll(flow))
      yield flow.field.finding(
        "is more than names, istiod and probes, for every pod of the namespace. Narrow it.",
      );
  },
});
