import { rule } from "../../framework/rule";
import { bindings, bindingsThatReach, isEverybody, isTenantAccount } from "../../reading/grants";

export const agentsWithoutRoles = rule({
  name: "rbac-agents-without-roles",
  layer: "rbac",
  severity: "critical",
  description: "No role is bound to a service account of a tenant, by name or by a group that contains it.",
  why: "Agents never call the Kubernetes API (kagent 0.10): whatever an agent may do there, its prompt may do.",
  remediation: [
    "Remove the subject. Bind the team's role to the team's group:",
    "  subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: team-alpha-developers}]",
  ],
  subjects: bindings,
  *check(binding, stack) {
    const reaches = bindingsThatReach(stack).has(binding);
    for (const subject of binding.at("subjects").items())
      if (isTenantAccount(stack, binding, subject) || (reaches && isEverybody(subject)))
        yield subject.finding("gives a role to service accounts of a tenant. Remove it.");
  },
});
