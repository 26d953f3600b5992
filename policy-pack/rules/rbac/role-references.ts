import { rule } from "../../framework/rule";
import { bindingsOfTenants, roleOf } from "../../reading/grants";

export const roleReferences = rule({
  name: "rbac-role-references",
  layer: "rbac",
  severity: "high",
  description:
    "Bindings that reach governed namespaces refer to roles of the same stack, or to `view`, but for operators of the platform.",
  why: "What a role elsewhere gives cannot be checked, and the built-in `edit` and `admin` read Secrets and enter pods.",
  remediation: [
    "Declare the Role in the namespace and refer to it:",
    "  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: team-viewer}",
    "or add the operator's account, once it has been reviewed, to policy-pack/operators.json.",
  ],
  subjects: bindingsOfTenants,
  *check(binding, stack) {
    const reference = binding.at("roleRef");
    const [kind, name] = [reference.at("kind").text() ?? "", reference.at("name").text() ?? ""];
    if (roleOf(stack, binding) !== undefined || (kind === "ClusterRole" && name === "view")) return;
    yield reference.finding(`${kind} ${name} is not in this stack. Declare what it gives.`);
  },
});
