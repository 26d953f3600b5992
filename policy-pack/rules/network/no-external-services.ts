import { rule } from "../../framework/rule";
import { CORE, GATEWAY_API, NETWORKING } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

/** Kinds by which callers from outside of the cluster are brought in. */
const ENTRANCES: readonly (readonly [group: string, kind: string])[] = [
  [NETWORKING, "Ingress"],
  ...["Gateway", "GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"].map(
    (kind) => [GATEWAY_API, kind] as const,
  ),
];

export const noExternalServices = rule({
  name: "network-no-external-services",
  layer: "network",
  severity: "high",
  description:
    "Services of governed namespaces are reachable inside the cluster only, and nothing there lets callers in from outside.",
  why: "A LoadBalancer or NodePort in front of an agent or of kagent brings in callers that have no identity in the mesh; an Ingress or a Gateway does too; ExternalName sends calls out under a name of the cluster.",
  remediation: ["Write:", "  spec: {type: ClusterIP}"],
  *subjects(stack) {
    yield* inGoverned(stack, CORE, "Service");
    for (const [group, kind] of ENTRANCES) yield* inGoverned(stack, group, kind);
  },
  *check(object) {
    if (object.kind !== "Service") {
      yield object.root.finding("is a way into a governed namespace from outside. Remove it.");
      return;
    }
    const type = object.spec.at("type");
    if (!["ClusterIP", undefined].includes(type.text())) yield type.finding("must be ClusterIP.");
    const external = object.spec.at("externalIPs");
    if (external.items().length > 0)
      yield external.finding("takes over addresses outside of the cluster. Remove it.");
  },
});
