/** Objects with a few things changed in them, at places and in ways that a number decides. */
import type { Doc } from "../../verify/static/objects";

/** A stream of numbers below a bound, always the same for a seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const VALUES: readonly unknown[] = [
  "team-alpha",
  "kagent",
  "a",
  "orchestrator",
  "default",
  "203.0.113.0/24",
  "0.0.0.0/0",
];

const debug = { matchLabels: { app: "debug" } };
const exists = { matchExpressions: [{ key: "team", operator: "Exists" }] };
const notThere = { matchExpressions: [{ key: "team", operator: "DoesNotExist" }] };
const named = (operator: string, ...values: string[]) => ({
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values }],
});

/** Peers of a NetworkPolicy that no graph declares. */
export const PEERS: readonly Doc[] = [
  { podSelector: debug },
  { podSelector: exists },
  { podSelector: notThere },
  ...[{}, debug, exists].flatMap((podSelector) =>
    [{}, { matchLabels: { team: "x" } }, exists, notThere, named("In", "monitoring", "default")].map(
      (namespaceSelector) => ({ namespaceSelector, podSelector }),
    ),
  ),
  { namespaceSelector: named("NotIn", "team-alpha", "kagent") },
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } } },
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring", team: "x" } } },
  { ipBlock: { cidr: "10.244.77.0/24" } },
];

/** Rules that let somebody through who holds no token. */
export const ADDED: readonly Doc[] = [
  {},
  { from: [] },
  { to: [] },
  { from: [{}] },
  { to: [{}] },
  ...["monitoring", "default", "team-*", "*"].map((name) => ({ from: [{ source: { namespaces: [name] } }] })),
  ...["monitoring/prom", "team-alpha/*"].map((name) => ({ from: [{ source: { serviceAccounts: [name] } }] })),
  { from: [{ source: { notNamespaces: ["team-alpha"] } }] },
  { from: [{ source: { principals: [] } }] },
  { from: [{ source: { principals: ["*/sa/prom"] } }] },
  { from: [{ source: { principals: ["*"], namespaces: ["monitoring"] } }] },
  { when: [{ key: "source.namespace", values: ["monitoring"] }] },
  { when: [{ key: "source.principal", notValues: ["a"] }] },
  { when: [{ key: "destination.port", values: ["9999"] }] },
  { when: [{ key: "request.headers[x-debug]", notValues: ["1"] }] },
  { to: [{ operation: { notPaths: ["/"] } }] },
  { to: [{ operation: { notPorts: ["1"] } }] },
];

/** The same, of requests that no agent sends. */
export const ADDED_BESIDES: readonly Doc[] = [
  { when: [{ key: "request.headers[x-debug]", values: ["1"] }] },
  { to: [{ operation: { paths: ["/debug/*"] } }] },
];

/** Conditions about the token that a request without one meets. */
export const TOKENLESS: readonly Doc[] = [
  ...["claims[iss]", "claims[sub]", "claims[groups]", "principal", "audiences"].map((what) => ({
    key: `request.auth.${what}`,
    notValues: ["evil"],
  })),
  { key: "request.auth.principal", values: [], notValues: ["evil/*"] },
];

/**
 * Deletes objects, and inside them deletes parts, copies parts between lists and replaces texts, numbers and operators,
 * so that each result is still an object that an API server would take.
 * @param kinds what may be changed
 */
export function mutated(manifests: readonly Doc[], kinds: readonly string[], seed: number): Doc[] {
  const next = numbers(seed);
  const copies: Doc[] = structuredClone(
    manifests
      .filter(({ kind }) => kinds.includes(kind))
      .map((manifest) => JSON.parse(JSON.stringify(manifest))),
  );
  const count = next(6);
  for (let step = 0; step < count && copies.length > 0; step += 1) {
    const index = next(copies.length);
    if (next(4) === 0) copies.splice(index, 1);
    else mutate(copies[index], next);
  }
  return [...manifests.filter(({ kind }) => !kinds.includes(kind)), ...copies];
}

function mutate({ kind, metadata, spec }: Doc, next: (below: number) => number): void {
  if (kind === "Namespace") {
    const keys = Object.keys(metadata.labels ?? {});
    if (keys.length > 0) delete metadata.labels[keys[next(keys.length)] ?? ""];
    return;
  }
  if (kind === "AuthorizationPolicy") mutateAuthorization(spec, next);
  else mutateNetwork(spec, next);
}

function mutateNetwork(spec: Doc, next: (below: number) => number): void {
  const side = next(2) === 0 ? "ingress" : "egress";
  const rules: Doc[] = spec[side] ?? [];
  const peers = side === "ingress" ? "from" : "to";
  const rule = rules[next(Math.max(1, rules.length))];
  const choice = next(10);
  if (choice === 0) spec.podSelector = {};
  else if (choice === 1) spec.policyTypes = next(2) === 0 ? ["Ingress"] : ["Egress"];
  else if (choice === 2) delete spec.policyTypes;
  else if (choice === 3) spec[side] = [...rules, {}];
  else if (rule === undefined) spec[side] = [{ ports: [{ port: 8080, endPort: 8090 }] }];
  else if (choice === 4) delete rule[peers];
  else if (choice === 5) delete rule.ports;
  else if (choice === 6) rule.ports = [{ protocol: "TCP", port: 8000, endPort: 9000 }];
  else if (choice === 7) rule[peers] = [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.244.0.0/20"] } }];
  else if (choice === 8) rule[peers] = [{ namespaceSelector: {} }];
  else {
    const values = [String(VALUES[next(5)])];
    const operator = ["In", "NotIn", "Exists", "DoesNotExist"][next(4)] ?? "In";
    const requirement = { key: next(2) === 0 ? "kagent" : "app", operator };
    const expression = operator.endsWith("In") ? { ...requirement, values } : requirement;
    rule[peers] = [{ podSelector: { matchExpressions: [expression] } }];
  }
}

function mutateAuthorization(spec: Doc, next: (below: number) => number): void {
  const rules: Doc[] = spec.rules ?? [];
  const rule = rules[next(Math.max(1, rules.length))];
  const source = rule?.from?.[0]?.source;
  const choice = next(10);
  if (choice === 8) {
    spec.rules = [...rules, ADDED[next(ADDED.length)]];
    return;
  }
  if (choice === 9) {
    if (source !== undefined) delete source.requestPrincipals;
    if (rule !== undefined) rule.when = [...(rule.when ?? []), TOKENLESS[next(TOKENLESS.length)]];
    return;
  }
  if (choice === 0) delete spec.selector;
  else if (choice === 1) spec.rules = [...rules, {}];
  else if (choice === 2) spec.action = "DENY";
  else if (rule === undefined) spec.rules = [{ to: [{ operation: { ports: ["8080"] } }] }];
  else if (choice === 3) delete rule.when;
  else if (choice === 4) delete rule.from;
  else if (source === undefined) delete rule.to;
  else if (choice === 5) delete source.requestPrincipals;
  else if (choice === 6 && source.requestPrincipals) source.requestPrincipals = ["*"];
  else source.principals = ["*"];
}
