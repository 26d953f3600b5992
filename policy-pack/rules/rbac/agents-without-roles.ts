import { rule } from "../../framework/rule";
import { bindingsThatReach } from "../../reading/grants";
import { tenants } from "../../reading/scope";

/** Groups and users that take in service accounts of tenants. */
const EVERYBODY = ["system:serviceaccounts", "system:authenticated", "system:unauthenticated"];

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
  subjects: bindingsThatReach,
  *check(binding, stack) {
    for (const subject of binding.at("subjects").items()) {
      const kind = subject.at("kind").text();
      const name = subject.at("name").text() ?? "";
      const namespace = subject.at("namespace").text() ?? binding.namespace;
      const [, account = ""] = /^system:serviceaccounts?:([^:]+)/.exec(name) ?? [];
      const isAccount = kind === "ServiceAccount" && tenants(stack).has(namespace);
      const isByName = kind !== "ServiceAccount" && (EVERYBODY.includes(name) || tenants(stack).has(account));
      if (isAccount || isByName)
        yield subject.finding("gives a role to service accounts of a tenant. Remove it.");
    }
  },
});
