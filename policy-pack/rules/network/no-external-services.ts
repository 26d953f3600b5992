import { rule } from "../../framework/rule";
import { CORE } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

export const noExternalServices = rule({
  name: "network-no-external-services",
  layer: "network",
  severity: "high",
  description: "Services of governed namespaces are reachable inside the cluster only.",
  why: "A LoadBalancer or NodePort in front of an agent or of kagent brings in callers that have no identity in the mesh; ExternalName sends calls out under a name of the cluster.",
  remediation: ["Write:", "  spec: {type: ClusterIP}"],
  subjects: (stack) => inGoverned(stack, CORE, "Service"),
  *check(service) {
    const type = service.spec.at("type");
    if (!["ClusterIP", undefined].includes(type.text())) yield type.finding("must be ClusterIP.");
    const external = service.spec.at("externalIPs");
    if (external.items().length > 0)
      yield external.finding("takes over addresses outside of the cluster. Remove it.");
  },
});
