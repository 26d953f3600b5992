/** What authorization rules name, as values that stand for everything that they match. */
import { istio } from "../../topology/index";
import { isExact } from "./istio-rules";
import { type Doc, NotUnderstood } from "./objects";

/** Stands for whatever a pattern matches and nobody listed. */
export const ANYBODY = "anybody-else";
export const instance = (pattern: string): string => pattern.replaceAll("*", ANYBODY);
export const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

/** Every choice of one value for each name. */
export function combinations(
  values: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>>[] {
  let sets: Readonly<Record<string, readonly string[]>>[] = [{}];
  for (const [name, options] of Object.entries(values))
    sets = sets.flatMap((set) => unique(options).map((value) => ({ ...set, [name]: [value] })));
  return sets;
}

/** One way in which a rule can match: a source, an operation, and all conditions. A list that is empty asks for nothing. */
export interface Clause {
  readonly source: Doc;
  readonly operation: Doc;
  readonly when: readonly Doc[];
}
export function clausesOf(rule: Doc): Clause[] {
  const { from = [], to = [], when = [] } = rule ?? {};
  const orAny = (list: readonly Doc[]): readonly Doc[] => (list.length === 0 ? [{}] : list);
  return orAny(from).flatMap(({ source = {} }) =>
    orAny(to).map(({ operation = {} }) => ({ source, operation, when })),
  );
}

/** Where a value stands in a rule: a field of its source or operation, and keys of conditions that mean the same. */
export interface Place {
  readonly field?: string;
  readonly keys: readonly string[];
}
export const PLACES = {
  principal: { field: "principals", keys: ["source.principal"] },
  namespace: { field: "namespaces", keys: ["source.namespace"] },
  serviceAccount: { field: "serviceAccounts", keys: [] },
  requestPrincipal: { field: "requestPrincipals", keys: ["request.auth.principal"] },
  audience: { keys: ["request.auth.audiences", "request.auth.claims[aud]"] },
  issuer: { keys: ["request.auth.claims[iss]"] },
  subject: { keys: ["request.auth.claims[sub]"] },
  port: { field: "ports", keys: ["destination.port"] },
  path: { field: "paths", keys: [] },
} as const satisfies Readonly<Record<string, Place>>;

const notField = (field: string): string => `not${field[0]?.toUpperCase()}${field.slice(1)}`;
const isThere = (list: readonly string[] | undefined): list is readonly string[] =>
  list !== undefined && list.length > 0;

/** Lists of which one value each must match. */
export function demanded({ source, operation, when }: Clause, { field, keys }: Place): (readonly string[])[] {
  const fields = field === undefined ? [] : [source[field], operation[field]];
  return [...fields, ...when.filter(({ key }) => keys.includes(key)).map(({ values }) => values)].filter(
    isThere,
  );
}

/** Everything that rules name there, also as what must not match. */
export function mentioned(clauses: readonly Clause[], place: Place): string[] {
  const { field, keys } = place;
  return clauses.flatMap((clause) => [
    ...demanded(clause, place).flat(),
    ...(field === undefined
      ? []
      : [...(clause.source[notField(field)] ?? []), ...(clause.operation[notField(field)] ?? [])]),
    ...clause.when.filter(({ key }) => keys.includes(key)).flatMap(({ notValues = [] }) => notValues),
  ]);
}

/** The header that a condition is about, in lower case. */
export const headerOf = ({ key }: Doc): string | undefined =>
  /^request\.headers\[(.+)\]$/.exec(key)?.[1]?.toLowerCase();

/** Requests are tried without a method and a host, so a rule may name neither. @throws NotUnderstood */
export function onlyTried({ operation }: Clause): void {
  const named = ["methods", "hosts"].flatMap((field) => [field, notField(field)]);
  if (named.some((field) => isThere(operation[field])))
    throw new NotUnderstood("an operation names methods or hosts, and not every one can be tried");
}

/** Principals of every namespace with every service account that is named, and of others. */
export function identitiesIn(clauses: readonly Clause[], trustDomain: string): string[] {
  const principals = mentioned(clauses, PLACES.principal);
  const accounts = mentioned(clauses, PLACES.serviceAccount).map((account) => account.split("/"));
  const part = (pattern: RegExp) => principals.flatMap((principal) => pattern.exec(principal)?.[1] ?? []);
  const namespaces = [
    ...mentioned(clauses, PLACES.namespace),
    ...accounts.flatMap(([namespace]) => namespace ?? []),
    ...part(/\/ns\/([^/]+)/),
  ];
  const names = [...accounts.flatMap(([, name]) => name ?? []), ...part(/\/sa\/([^/]+)/)];
  if (namespaces.length + names.length === 0) return [];
  return unique([...namespaces, ANYBODY]).flatMap((namespace) =>
    unique([...names, ANYBODY]).map((name) =>
      istio.principal(trustDomain, instance(namespace), instance(name)),
    ),
  );
}

/** @throws NotUnderstood */
export function exactPorts(ports: readonly string[]): number[] {
  const pattern = ports.find((port) => !isExact(port));
  if (pattern !== undefined) throw new NotUnderstood(`a rule names the ports ${pattern}`);
  return ports.map(Number);
}
