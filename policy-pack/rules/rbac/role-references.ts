import { rule } from "../../framework/rule";
import { RBAC } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

export const roleReferences = rule({
  name: "rbac-role-references",
  layer: "rbac",
  severity: "high",
  description: "RoleBindings in governed namespaces refer to roles of the same stack, or to `view`.",
  why: "What a role elsewhere gives cannot be checked, and the built-in `edit` and `admin` read Secrets and enter pods.",
  remediation: [
    "Declare the Role in the namespace and refer to it:",
    "  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: team-viewer}",
  ],
  subjects: (stack) => inGoverned(stack, RBAC, "RoleBinding"),
  *check(binding, stack) {
    const kind = binding.at("roleRef", "kind").text() ?? "";
    const name = binding.at("roleRef", "name").text() ?? "";
    const known = kind === "Role" ? stack.in(RBAC, "Role", binding.namespace) : stack.of(RBAC, "ClusterRole");
    if (known.some((role) => role.name === name) || (kind === "ClusterRole" && name === "view")) return;
    yield binding.at("roleRef").finding(`${kind} ${name} is not in this stack. Declare what it gives.`);
  },
});
