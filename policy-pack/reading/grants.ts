/** What RBAC gives in tenants: roles that hold there, and who they are bound to. */
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { RBAC } from "./kinds";
import { governed, tenants } from "./scope";

export const bindings = (stack: StackIndex): readonly StackObject[] => [
  ...stack.of(RBAC, "RoleBinding"),
  ...stack.of(RBAC, "ClusterRoleBinding"),
];

/** Bindings that hold in governed namespaces: those that stand there, and those of the whole cluster. */
export const bindingsThatReach = (stack: StackIndex): readonly StackObject[] =>
  bindings(stack).filter(
    ({ kind, namespace }) => kind === "ClusterRoleBinding" || governed(stack).has(namespace),
  );

/** Operators of the platform run under service accounts; people and agents are what tenants are made of. */
const isOperator = (stack: StackIndex, subject: Field): boolean =>
  subject.at("kind").text() === "ServiceAccount" && !tenants(stack).has(subject.at("namespace").text() ?? "");

function roles(stack: StackIndex): readonly StackObject[] {
  const found = new Set<StackObject>();
  for (const namespace of governed(stack))
    for (const role of stack.in(RBAC, "Role", namespace)) found.add(role);
  const clusterRoles = new Map(stack.of(RBAC, "ClusterRole").map((role) => [role.name, role]));
  for (const binding of bindingsThatReach(stack)) {
    const subjects = binding.at("subjects").items();
    if (binding.kind === "ClusterRoleBinding" && subjects.every((subject) => isOperator(stack, subject)))
      continue;
    const role = clusterRoles.get(binding.at("roleRef", "name").text() ?? "");
    if (role !== undefined && binding.at("roleRef", "kind").text() === "ClusterRole") found.add(role);
  }
  return [...found];
}

/** Roles that give people or agents something in a governed namespace. */
export const rolesInTenants = (stack: StackIndex): readonly StackObject[] => stack.derive(roles);

export const rulesOf = (role: StackObject): Field[] => role.at("rules").items();
export const covers = (list: readonly string[], wanted: string): boolean =>
  list.includes(wanted) || list.includes("*");
