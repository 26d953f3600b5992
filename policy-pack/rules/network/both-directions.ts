import { rule } from "../../framework/rule";
import { networkPolicies } from "../../reading/flows";

export const bothDirections = rule({
  name: "network-both-directions",
  layer: "network",
  severity: "medium",
  description: "NetworkPolicies of governed namespaces govern both directions.",
  why: "Left out, policyTypes follow from what the policy happens to contain: removing the last egress rule opens egress.",
  remediation: ["Write:", "  policyTypes: [Ingress, Egress]"],
  subjects: networkPolicies,
  *check(policy) {
    const field = policy.spec.at("policyTypes");
    const types = field.texts();
    if (!types.includes("Ingress") || !types.includes("Egress"))
      yield field.finding("must list Ingress and Egress.");
  },
});
