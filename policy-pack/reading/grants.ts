/** What RBAC gives in tenants: roles that hold there, and who they are bound to. */
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { RBAC } from "./kinds";
import { governed, inTenants, PLATFORM_NAMESPACES, tenants } from "./scope";

export const bindings = (stack: StackIndex): readonly StackObject[] => [
  ...stack.of(RBAC, "RoleBinding"),
  ...stack.of(RBAC, "ClusterRoleBinding"),
];
const subjectsOf = (binding: StackObject): Field[] => binding.at("subjects").items();

/** Accounts that run the platform for everybody, as `<namespace>/<account>`: reviewed like code. Everybody else is a tenant's, or may be. */
const { operators: OPERATORS } = require("../operators.json") as { readonly operators: readonly string[] };
const isOperator = (binding: StackObject, subject: Field): boolean =>
  subject.at("kind").text() === "ServiceAccount" &&
  OPERATORS.includes(`${subject.at("namespace").text() ?? binding.namespace}/${subject.at("name").text()}`);

/** Groups and users that take in service accounts of tenants. */
const EVERYBODY = ["system:serviceaccounts", "system:authenticated", "system:unauthenticated"];
export const isEverybody = (subject: Field): boolean =>
  subject.at("kind").text() !== "ServiceAccount" && EVERYBODY.includes(subject.at("name").text() ?? "");

/** Whether a subject is a service account of a tenant, by its own name or by the names that the API server gives it and its group. */
export function isTenantAccount(stack: StackIndex, binding: StackObject, subject: Field): boolean {
  const name = subject.at("name").text() ?? "";
  if (subject.at("kind").text() === "ServiceAccount")
    return tenants(stack).has(subject.at("namespace").text() ?? binding.namespace);
  const [, namespace = ""] = /^system:serviceaccounts?:([^:]+)/.exec(name) ?? [];
  return tenants(stack).has(namespace);
}

/** People of tenants: whoever something is bound to in a tenant's namespace. */
const people = (stack: StackIndex): ReadonlySet<string> =>
  new Set(
    [...inTenants(stack, RBAC, "RoleBinding")]
      .flatMap(subjectsOf)
      .filter((subject) => subject.at("kind").text() !== "ServiceAccount")
      .map((subject) => subject.at("name").text() ?? ""),
  );
const isOfTenant = (stack: StackIndex, binding: StackObject, subject: Field): boolean =>
  isTenantAccount(stack, binding, subject) ||
  isEverybody(subject) ||
  stack.derive(people).has(subject.at("name").text() ?? "");

const reaching = (stack: StackIndex): ReadonlySet<StackObject> =>
  new Set(
    bindings(stack).filter(
      (binding) =>
        binding.kind === "ClusterRoleBinding" ||
        governed(stack).has(binding.namespace) ||
        (PLATFORM_NAMESPACES.has(binding.namespace) &&
          subjectsOf(binding).some((subject) => isOfTenant(stack, binding, subject))),
    ),
  );
/** Bindings that hold in governed namespaces, or that give tenants something where the platform runs. */
export const bindingsThatReach = (stack: StackIndex): ReadonlySet<StackObject> => stack.derive(reaching);

/** Those that give something to somebody else than an operator of the platform. */
export const bindingsOfTenants = (stack: StackIndex): readonly StackObject[] =>
  [...bindingsThatReach(stack)].filter(
    (binding) =>
      binding.kind === "RoleBinding" || subjectsOf(binding).some((subject) => !isOperator(binding, subject)),
  );

/** The built-in role that may be bound takes in every ClusterRole with this label. */
const AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-view";

function roles(stack: StackIndex): readonly StackObject[] {
  const found = new Set<StackObject>();
  for (const namespace of governed(stack))
    for (const role of stack.in(RBAC, "Role", namespace)) found.add(role);
  for (const role of stack.of(RBAC, "ClusterRole"))
    if (role.labels().get(AGGREGATE) === "true") found.add(role);
  for (const binding of bindingsOfTenants(stack)) {
    const role = roleOf(stack, binding);
    if (role !== undefined) found.add(role);
  }
  return [...found];
}

const clusterRoles = (stack: StackIndex): ReadonlyMap<string, StackObject> =>
  new Map(stack.of(RBAC, "ClusterRole").map((role) => [role.name, role]));

/** The role that a binding refers to; undefined when it is not in the stack. */
export function roleOf(stack: StackIndex, binding: StackObject): StackObject | undefined {
  const name = binding.at("roleRef", "name").text() ?? "";
  return binding.at("roleRef", "kind").text() === "Role"
    ? stack.in(RBAC, "Role", binding.namespace).find((role) => role.name === name)
    : stack.derive(clusterRoles).get(name);
}

/** Roles that give people or agents something in a governed namespace. */
export const rolesInTenants = (stack: StackIndex): readonly StackObject[] => stack.derive(roles);

export const rulesOf = (role: StackObject): Field[] => role.at("rules").items();
