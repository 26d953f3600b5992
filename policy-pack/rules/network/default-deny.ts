import { rule } from "../../framework/rule";
import { NETWORKING } from "../../reading/kinds";
import { governedNamespaces } from "../../reading/scope";
import { selected } from "../../reading/workloads";

export const defaultDeny = rule({
  name: "network-default-deny",
  layer: "network",
  severity: "critical",
  description: "Each governed namespace denies all traffic, both ways, by default.",
  why: "A pod that no NetworkPolicy selects may talk to everybody: new pods, and pods that somebody starts there.",
  remediation: [
    "Declare in each tenant namespace and in kagent's:",
    "  kind: NetworkPolicy",
    "  metadata: {name: default-deny, namespace: team-alpha}",
    "  spec: {podSelector: {}, policyTypes: [Ingress, Egress]}",
  ],
  subjects: governedNamespaces,
  *check({ name, object }, stack) {
    const denied = new Set<string>();
    for (const policy of stack.in(NETWORKING, "NetworkPolicy", name)) {
      const { spec } = policy;
      if (selected(stack, name, spec.at("podSelector")) !== "all") continue;
      if (spec.at("ingress").items().length > 0 || spec.at("egress").items().length > 0) continue;
      for (const type of spec.at("policyTypes").texts()) denied.add(type);
    }
    for (const direction of ["Ingress", "Egress"])
      if (!denied.has(direction))
        yield object.root.finding(
          `namespace ${name} has no NetworkPolicy that denies ${direction.toLowerCase()} by default. Declare default-deny there.`,
        );
  },
});
