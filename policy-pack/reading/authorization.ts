/** AuthorizationPolicies of governed namespaces (security.istio.io, Istio 1.31). */
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import type { AgentView } from "./agents";
import { ISTIO_SECURITY } from "./kinds";
import { inGoverned } from "./scope";
import { parsePrincipal, principalOwner, selected, type Workload } from "./workloads";

export interface AuthorizationView {
  readonly object: StackObject;
  /** ALLOW when nothing is written. */
  readonly action: string;
  /** What it covers; undefined when its selector means no workload. */
  readonly workload: Workload | "all" | undefined;
  readonly rules: readonly Field[];
}

const memo = new WeakMap<StackObject, AuthorizationView>();

export function authorization(stack: StackIndex, object: StackObject): AuthorizationView {
  const known = memo.get(object);
  if (known !== undefined) return known;
  const targeted = object.spec.at("targetRefs").isPresent || object.spec.at("targetRef").isPresent;
  const view = {
    object,
    action: object.spec.at("action").text() ?? "ALLOW",
    workload: targeted ? undefined : selected(stack, object.namespace, object.spec.at("selector")),
    rules: object.spec.at("rules").items(),
  };
  memo.set(object, view);
  return view;
}

export const authorizations = (stack: StackIndex): readonly StackObject[] =>
  stack.derive((all: StackIndex) => [...inGoverned(all, ISTIO_SECURITY, "AuthorizationPolicy")]);

/** ALLOW policies by the workload they cover: `agent <id>`, or the name of a workload of the platform. */
export const allowsOf = (stack: StackIndex, workload: Workload): readonly AuthorizationView[] =>
  stack.derive(allowsByWorkload).get(workloadKey(workload)) ?? [];

export const workloadKey = (workload: Workload): string =>
  workload.kind === "agent" ? `agent ${workload.agent.id}` : workload.kind;

function allowsByWorkload(stack: StackIndex): ReadonlyMap<string, readonly AuthorizationView[]> {
  const map = new Map<string, AuthorizationView[]>();
  for (const object of authorizations(stack)) {
    const view = authorization(stack, object);
    if (view.action !== "ALLOW" || view.workload === undefined || view.workload === "all") continue;
    const key = workloadKey(view.workload);
    map.set(key, [...(map.get(key) ?? []), view]);
  }
  return map;
}

/** ALLOW rules that cover a workload, with the policy they stand in. */
export function* allowRules(stack: StackIndex): Iterable<{ view: AuthorizationView; rule: Field }> {
  for (const object of authorizations(stack)) {
    const view = authorization(stack, object);
    if (view.action === "ALLOW") for (const rule of view.rules) yield { view, rule };
  }
}

export const sources = (rule: Field): Field[] =>
  rule
    .at("from")
    .items()
    .map((from) => from.at("source"));

/** Who the principals of a rule belong to. */
export function ownersIn(stack: StackIndex, source: Field): (Workload | "outside" | undefined)[] {
  return source
    .at("principals")
    .texts()
    .map((text) => {
      const principal = parsePrincipal(text);
      return principal && principalOwner(stack, principal);
    });
}

/** The one agent that a source's principals name; undefined when they name another, several, or none. */
export function soleAgent(stack: StackIndex, source: Field): AgentView | undefined {
  const owners = ownersIn(stack, source);
  const [owner] = owners;
  if (owners.length !== 1 || owner === undefined || owner === "outside" || owner.kind !== "agent")
    return undefined;
  return owner.agent;
}

/** Values that a `when` condition demands for a key; undefined when there is no such condition. */
export function conditionValues(rule: Field, key: string): string[] | undefined {
  const conditions = rule
    .at("when")
    .items()
    .filter((condition) => condition.at("key").text()?.toLowerCase() === key.toLowerCase());
  const [condition, ...more] = conditions;
  if (condition === undefined || more.length > 0) return undefined;
  return condition.at("values").texts();
}

/** The trust domain that most principals name; undefined where none does. */
export function trustDomain(stack: StackIndex): string | undefined {
  const counts = new Map<string, number>();
  for (const { rule } of allowRules(stack))
    for (const source of sources(rule))
      for (const text of source.at("principals").texts()) {
        const domain = parsePrincipal(text)?.trustDomain;
        if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + 1);
      }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
