/**
 * Every request that the mesh lets through to a workload, among given identities, tokens, hosts and paths. Whoever is allowed
 * must match an ALLOW rule, so only what the rules name is tried, and one of each kind that nobody listed; each candidate is then
 * decided as a proxy would. What a pattern could match beyond what is given stands in as "anybody".
 */
import { Guard, headersOf, type Token, type Workload } from "./istio";
import { isExact, requestPrincipalOf, textMatches } from "./istio-rules";
import {
  ANYBODY,
  type Clause,
  clausesOf,
  combinations,
  demanded,
  exactPorts,
  headerOf,
  identitiesIn,
  instance,
  mentioned,
  onlyTried,
  PLACES,
  unique,
} from "./named";
import { type Doc, type Objects, push } from "./objects";

export interface Allowed {
  /** Undefined: plaintext. */
  readonly principal: string | undefined;
  /** Undefined: needs none. */
  readonly token: Token | undefined;
  readonly port: number;
  readonly path: string;
  /** Headers that the rule asks for. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Universe {
  readonly trustDomain: string;
  readonly principals: readonly string[];
  readonly tokens: readonly Token[];
  /** Ports to try where a rule names none. */
  readonly ports: readonly number[];
  readonly paths: readonly string[];
}

const PLAINTEXT = undefined;
const ANY_PATH = "/";

export class Callers {
  readonly #tokens = new Map<string, Token[]>();

  constructor(
    readonly objects: Objects,
    readonly universe: Universe,
  ) {
    for (const token of universe.tokens) push(this.#tokens, requestPrincipalOf(token) ?? "", token);
  }

  /**
   * All requests that the workload lets through, and the paths that were tried: those given and all that its rules name.
   * @throws NotUnderstood
   */
  allowed(to: Workload): { readonly requests: Allowed[]; readonly paths: readonly string[] } {
    const guard = new Guard(this.objects, to);
    const { allow, isClosed } = guard.rules;
    // What a DENY rule names is let through by none, or its counterpart is: it tells requests apart too.
    const deny = guard.rules.deny.flatMap(clausesOf);
    const clauses = [...allow.flatMap(clausesOf), ...deny];
    clauses.forEach(onlyTried);
    const named = mentioned(clauses, PLACES.path);
    // What no rule asks for tells no requests apart: one path stands for all.
    const paths = named.length === 0 ? [ANY_PATH] : unique([...this.universe.paths, ...named.map(instance)]);
    const candidates = (rule: Doc) =>
      clausesOf(rule).flatMap((clause) => this.#candidates(guard, clause, deny, paths));
    const requests = isClosed
      ? allow.flatMap((rule) =>
          candidates(rule).filter((request) => guard.authorizeBy(rule, request) === "allowed"),
        )
      : candidates({}).filter((request) => guard.authorize(request) === "allowed");
    return { requests, paths };
  }

  #candidates(guard: Guard, clause: Clause, deny: readonly Clause[], paths: readonly string[]): Allowed[] {
    const found: Allowed[] = [];
    const tokens = this.#tokensFor(guard, clause, deny);
    const headerSets = headersFor(clause, deny);
    const ports = this.#portsFor(clause, deny);
    for (const principal of this.#principalsFor(clause, deny))
      for (const token of tokens)
        for (const headers of headerSets)
          for (const port of ports)
            for (const path of paths) found.push({ principal, token, port, path, headers });
    return found;
  }

  #principalsFor(clause: Clause, deny: readonly Clause[]): (string | undefined)[] {
    const lists = demanded(clause, PLACES.principal);
    const exact = lists.find((list) => list.every(isExact));
    if (exact !== undefined) return unique(exact);
    const known = unique([
      ...this.universe.principals,
      ...mentioned([clause, ...deny], PLACES.principal).map(instance),
      ...identitiesIn([clause, ...deny], this.universe.trustDomain),
    ]);
    return lists.length === 0
      ? [...known, ANYBODY, PLAINTEXT]
      : known.filter((one) => lists.every((list) => list.some((pattern) => textMatches(pattern, one))));
  }

  #tokensFor(guard: Guard, clause: Clause, deny: readonly Clause[]): (Token | undefined)[] {
    const lists = demanded(clause, PLACES.requestPrincipal);
    if (lists.length === 0)
      return [clause, ...deny].some(asksForToken)
        ? [undefined, ...this.universe.tokens, ...foreignTokens(guard, "*", clause)]
        : [undefined];
    return (lists.find((list) => list.every(isExact)) ?? lists.flat()).flatMap((pattern): Token[] => {
      const known = isExact(pattern)
        ? (this.#tokens.get(pattern) ?? [])
        : this.universe.tokens.filter((token) => textMatches(pattern, requestPrincipalOf(token)));
      return isExact(pattern) && known.length > 0
        ? known
        : [...known, ...foreignTokens(guard, pattern, clause)];
    });
  }

  #portsFor(clause: Clause, deny: readonly Clause[]): readonly number[] {
    const [wanted] = demanded(clause, PLACES.port);
    return wanted !== undefined
      ? exactPorts(wanted)
      : unique([...this.universe.ports, ...exactPorts(mentioned([clause, ...deny], PLACES.port))]);
  }
}

const asksForToken = ({ source, when }: Clause): boolean =>
  source.requestPrincipals?.length > 0 ||
  source.notRequestPrincipals?.length > 0 ||
  when.some(({ key }) => key.startsWith("request.auth."));

/** Tokens that nobody listed holds and that the pattern would take: of each JWT rule of the workload. */
function foreignTokens(guard: Guard, pattern: string, clause: Clause): Token[] {
  const audiences = demanded(clause, PLACES.audience).flat();
  const subjects = demanded(clause, PLACES.subject).flat();
  return guard.jwt.flatMap((rule) => {
    const named = pattern.startsWith(`${rule.issuer}/`) ? [pattern.slice(rule.issuer.length + 1)] : subjects;
    return orElse(named, ANYBODY).flatMap((subject) =>
      orElse(audiences, rule.audiences?.[0] ?? ANYBODY).flatMap((audience) =>
        claimsFor(clause)
          .map((claims): Token => {
            const header = headersOf(rule)[0] ?? "";
            const named = { subject: instance(subject), audience: instance(audience) };
            return { issuer: rule.issuer, ...named, genuine: true, header, claims };
          })
          .filter((token) => textMatches(pattern, requestPrincipalOf(token))),
      ),
    );
  });
}
const orElse = (values: readonly string[], value: string) => (values.length > 0 ? values : [value]);

/** Of the claims that have a place of their own in a token none is among these. */
const REGISTERED = ["iss", "sub", "aud"];

/** Every combination of the claims that conditions ask for. */
function claimsFor({ when }: Clause): Readonly<Record<string, readonly string[]>>[] {
  const asked: Record<string, readonly string[]> = {};
  for (const { key, values = [] } of when) {
    const claim = /^request\.auth\.claims\[([^\]]+)\]$/.exec(key)?.[1];
    if (claim !== undefined && !REGISTERED.includes(claim) && values.length > 0)
      asked[claim] = [...(asked[claim] ?? []), ...values.map(instance)];
  }
  return combinations(asked);
}

/** Every combination of the headers that conditions ask for, and of those by which others deny. */
function headersFor(clause: Clause, deny: readonly Clause[]): Readonly<Record<string, string>>[] {
  const options = new Map<string, Set<string | undefined>>();
  const add = (condition: Doc, values: readonly (string | undefined)[]) => {
    const name = headerOf(condition);
    if (name === undefined || values.length === 0) return;
    options.set(name, new Set([...(options.get(name) ?? []), ...values]));
  };
  for (const condition of clause.when) add(condition, (condition.values ?? []).map(instance));
  for (const condition of deny.flatMap(({ when }) => when))
    add(condition, [
      undefined,
      ...[...(condition.values ?? []), ...(condition.notValues ?? [])].map(instance),
    ]);
  let sets: Readonly<Record<string, string>>[] = [{}];
  for (const [name, values] of options)
    sets = sets.flatMap((set) =>
      [...values].map((value) => (value === undefined ? set : { ...set, [name]: value })),
    );
  return sets;
}
