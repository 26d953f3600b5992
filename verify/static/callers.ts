/**
 * Every request that the mesh lets through to a workload, among given identities, tokens, hosts and paths. Whoever is allowed
 * must match an ALLOW rule, so only what the rules name is tried, and each candidate is then decided as a proxy would.
 * What a pattern could match beyond what is given stands in as "anybody".
 */
import { Guard, headersOf, type Token, type Workload } from "./istio";
import { isExact, requestPrincipalOf, textMatches } from "./istio-rules";
import { type Doc, NotUnderstood, type Objects, push } from "./objects";

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
  readonly principals: readonly string[];
  readonly tokens: readonly Token[];
  /** Ports to try where a rule names none. */
  readonly ports: readonly number[];
  readonly paths: readonly string[];
}

/** Stands for whatever a pattern matches and nobody listed. */
export const ANYBODY = "anybody-else";
const instance = (pattern: string): string => pattern.replaceAll("*", ANYBODY);
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

  /** All requests that the workload lets through, and the paths that were tried: those given and all that its rules name. */
  allowed(to: Workload): { readonly requests: Allowed[]; readonly paths: readonly string[] } {
    const guard = new Guard(this.objects, to);
    const { allow, deny, isClosed } = guard.rules;
    const named = [...allow, ...deny].flatMap(pathsOf);
    // What no rule asks for tells no requests apart: one path stands for all.
    const paths = named.length === 0 ? [ANY_PATH] : unique([...this.universe.paths, ...named.map(instance)]);
    const requests = isClosed
      ? allow.flatMap((rule) =>
          this.#candidates(guard, rule ?? {}, paths).filter(
            (request) => guard.authorizeBy(rule, request) === "allowed",
          ),
        )
      : this.#candidates(guard, {}, paths).filter((request) => guard.authorize(request) === "allowed");
    return { requests, paths };
  }

  #candidates(guard: Guard, rule: Doc, paths: readonly string[]): Allowed[] {
    const found: Allowed[] = [];
    for (const { source } of rule.from ?? [{ source: {} }])
      for (const { operation } of rule.to ?? [{ operation: {} }]) {
        const tokens = this.#tokensFor(guard, source, rule.when ?? []);
        const headerSets = headersFor(rule.when ?? []);
        const ports = portsFor(operation, this.universe.ports);
        for (const principal of this.#principalsFor(source, rule.when ?? []))
          for (const token of tokens)
            for (const headers of headerSets)
              for (const port of ports)
                for (const path of paths) found.push({ principal, token, port, path, headers });
      }
    return found;
  }

  #principalsFor(source: Doc, when: readonly Doc[]): (string | undefined)[] {
    const named: readonly string[] | undefined = source.principals ?? valuesOf(when, "source.principal");
    const everybody = [...this.universe.principals, ANYBODY, PLAINTEXT];
    if (named === undefined) return everybody;
    return unique(
      named.flatMap((pattern) =>
        isExact(pattern)
          ? [pattern]
          : [...this.universe.principals.filter((known) => textMatches(pattern, known)), instance(pattern)],
      ),
    );
  }

  #tokensFor(guard: Guard, source: Doc, when: readonly Doc[]): (Token | undefined)[] {
    const named: readonly string[] | undefined =
      source.requestPrincipals ?? valuesOf(when, "request.auth.principal");
    const asksOtherwise = when.some(({ key }) => key.startsWith("request.auth."));
    if (named === undefined) return asksOtherwise ? [...this.universe.tokens] : [undefined];
    return named.flatMap((pattern): Token[] => {
      const known = isExact(pattern)
        ? (this.#tokens.get(pattern) ?? [])
        : this.universe.tokens.filter((token) => textMatches(pattern, requestPrincipalOf(token)));
      return isExact(pattern) && known.length > 0
        ? known
        : [...known, ...foreignTokens(guard, pattern, when)];
    });
  }
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

const valuesOf = (when: readonly Doc[], wanted: string): readonly string[] | undefined =>
  when.find(({ key, values }) => key === wanted && values !== undefined)?.values;

/** Tokens that nobody listed holds and that the pattern would take: one for each JWT rule of the workload. */
function foreignTokens(guard: Guard, pattern: string, when: readonly Doc[]): Token[] {
  const audiences = valuesOf(when, "request.auth.audiences");
  return guard.jwt.flatMap((rule) => {
    const subject = pattern.startsWith(`${rule.issuer}/`) ? pattern.slice(rule.issuer.length + 1) : ANYBODY;
    const token: Token = {
      issuer: rule.issuer,
      subject: instance(subject),
      audience: instance(audiences?.[0] ?? rule.audiences?.[0] ?? ANYBODY),
      genuine: true,
      header: headersOf(rule)[0] ?? "",
      claims: claimsFor(when),
    };
    return textMatches(pattern, requestPrincipalOf(token)) ? [token] : [];
  });
}

/** Claims that conditions ask for, with the first value of each. */
function claimsFor(when: readonly Doc[]): Readonly<Record<string, readonly string[]>> {
  const claims: Record<string, readonly string[]> = {};
  for (const { key, values } of when) {
    const claim = /^request\.auth\.claims\[([^\]]+)\]$/.exec(key)?.[1];
    if (claim !== undefined && values !== undefined) claims[claim] = [instance(values[0] ?? ANYBODY)];
  }
  return claims;
}

/** Every combination of the headers that conditions ask for. */
function headersFor(when: readonly Doc[]): Readonly<Record<string, string>>[] {
  let sets: Readonly<Record<string, string>>[] = [{}];
  for (const { key, values } of when) {
    const name = /^request\.headers\[(.+)\]$/.exec(key)?.[1]?.toLowerCase();
    if (name === undefined || values === undefined) continue;
    sets = sets.flatMap((set) => values.map((value: string) => ({ ...set, [name]: instance(value) })));
  }
  return sets;
}

function portsFor({ ports }: Doc, otherwise: readonly number[]): readonly number[] {
  if (ports === undefined) return otherwise;
  return ports.map((port: string) => {
    if (!isExact(port)) throw new NotUnderstood(`an operation names the ports ${port}`);
    return Number(port);
  });
}

/** Paths that a rule names. Methods and hosts are not tried, so a rule may not name them. */
function pathsOf(rule: Doc): string[] {
  return (rule?.to ?? []).flatMap(({ operation }: Doc) => {
    if (operation.methods !== undefined || operation.hosts !== undefined)
      throw new NotUnderstood("an operation names methods or hosts, and not every one can be tried");
    return operation.paths ?? [];
  });
}
