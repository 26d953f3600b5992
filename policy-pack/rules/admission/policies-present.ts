import { rule } from "../../framework/rule";
import { admissionPolicies, ROLE_NAMES, ROLES } from "../../reading/admission";
import { agents } from "../../reading/agents";
import { governedNamespaces } from "../../reading/scope";

export const policiesPresent = rule({
  name: "admission-policies-present",
  layer: "admission",
  severity: "critical",
  description: "Agents, model configurations and namespaces each have an admission policy, in force.",
  why: "Every other layer is an object that somebody may write: admission is what keeps a team from writing its own.",
  remediation: [
    "Deploy the policies with the Agents: `admission: native` or `admission: gatekeeper` in the stack configuration,",
    "each with its ValidatingAdmissionPolicyBinding or Constraint.",
  ],
  *subjects(stack) {
    const [agent] = agents(stack);
    const [namespace] = governedNamespaces(stack);
    const witness = namespace?.object ?? agent?.object;
    if (witness !== undefined) for (const role of ROLE_NAMES) yield { role, witness };
  },
  *check({ role, witness }, stack) {
    const policy = admissionPolicies(stack).find((view) => view.role === role);
    const kinds = ROLES[role].resources.join(", ");
    if (policy === undefined)
      yield witness.root.finding(
        `no admission policy of this stack checks ${kinds}. Deploy it with what it governs.`,
      );
    else if (policy.inForce.length === 0)
      yield policy.source.root.finding("is not in force. Add its binding or constraint.");
  },
});
