/**
 * What a stack governs, told from its resources alone: a namespace is a tenant by its labels or because kagent's objects stand
 * in it, and kagent's own namespace is governed wherever there is a tenant or a guard in it.
 */
import { CONSUMER_LABEL, KAGENT_NAMESPACE, PROVIDER_LABEL } from "../../topology/kagent";
import { TENANT_LABEL } from "../../topology/labels";
import { SYSTEM_NAMESPACES } from "../../topology/platform";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { CORE, ISTIO_SECURITY, KAGENT, NETWORKING } from "./kinds";

export const TENANT_LABELS = [TENANT_LABEL, CONSUMER_LABEL, PROVIDER_LABEL] as const;
/** Kinds of kagent that make their namespace a tenant. */
export const KAGENT_KINDS = ["Agent", "SandboxAgent", "AgentHarness", "ModelConfig"] as const;
/** Where the platform runs: whoever may write there may change what guards all others. */
export const PLATFORM_NAMESPACES: ReadonlySet<string> = new Set([
  "kube-system",
  ...Object.values(SYSTEM_NAMESPACES),
]);
const GUARDS = [
  [NETWORKING, "NetworkPolicy"],
  [ISTIO_SECURITY, "PeerAuthentication"],
  [ISTIO_SECURITY, "AuthorizationPolicy"],
  [ISTIO_SECURITY, "RequestAuthentication"],
] as const;

function namespaceObjects(stack: StackIndex): ReadonlyMap<string, StackObject> {
  return new Map(stack.of(CORE, "Namespace").map((object) => [object.name, object]));
}
export const namespaceObject = (stack: StackIndex, name: string): StackObject | undefined =>
  stack.derive(namespaceObjects).get(name);

function tenantNames(stack: StackIndex): ReadonlySet<string> {
  const names = new Set<string>();
  for (const object of stack.of(CORE, "Namespace")) {
    const labels = object.labels();
    if (object.name !== "" && TENANT_LABELS.some((label) => labels.has(label))) names.add(object.name);
  }
  for (const kind of KAGENT_KINDS)
    for (const { namespace } of stack.of(KAGENT, kind)) if (namespace !== "") names.add(namespace);
  names.delete(KAGENT_NAMESPACE);
  return names;
}
export const tenants = (stack: StackIndex): ReadonlySet<string> => stack.derive(tenantNames);

function governedNames(stack: StackIndex): ReadonlySet<string> {
  const names = new Set(tenants(stack));
  const guarded = GUARDS.some(([group, kind]) => stack.in(group, kind, KAGENT_NAMESPACE).length > 0);
  if (names.size > 0 || guarded || namespaceObject(stack, KAGENT_NAMESPACE) !== undefined)
    names.add(KAGENT_NAMESPACE);
  return names;
}
/** Tenants and, where there are any, kagent's own namespace. */
export const governed = (stack: StackIndex): ReadonlySet<string> => stack.derive(governedNames);

/** Objects of a kind in governed namespaces, in the order of these. */
export function* inGoverned(stack: StackIndex, group: string, kind: string): Iterable<StackObject> {
  for (const namespace of governed(stack)) yield* stack.in(group, kind, namespace);
}
export function* inTenants(stack: StackIndex, group: string, kind: string): Iterable<StackObject> {
  for (const namespace of tenants(stack)) yield* stack.in(group, kind, namespace);
}

export interface GovernedNamespace {
  readonly name: string;
  /** What a finding about the namespace points at: its Namespace, or else the first object that makes it governed. */
  readonly object: StackObject;
}

/** Governed namespaces that are worth a finding: each with an object to point at. */
export function* governedNamespaces(stack: StackIndex): Iterable<GovernedNamespace> {
  for (const name of governed(stack)) {
    const object = namespaceObject(stack, name) ?? witness(stack, name);
    if (object !== undefined) yield { name, object };
  }
}

function witness(stack: StackIndex, namespace: string): StackObject | undefined {
  for (const kind of KAGENT_KINDS) {
    const [first] = stack.in(KAGENT, kind, namespace);
    if (first !== undefined) return first;
  }
  for (const [group, kind] of GUARDS) {
    const [first] = stack.in(group, kind, namespace);
    if (first !== undefined) return first;
  }
  // kagent's namespace, of which nothing is in the stack: an Agent that needs it stands for it.
  return (
    stack.of(KAGENT, "Agent")[0] ?? stack.of(CORE, "Namespace").find(({ name }) => tenants(stack).has(name))
  );
}
