/** What a sidecar or gateway of the mesh lets through: mutual TLS, the token, then authorization (security.istio.io/v1). */
import { type Doc, type Labels, type Objects, onlyFields, selects } from "./objects";

export interface Token {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Whether it was signed by a key that is published. */
  readonly genuine: boolean;
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}
export interface Authorization {
  readonly token: Token;
  /** Text before the token. Envoy looks for the prefix anywhere in the value, and for the token behind it. */
  readonly text: string;
}
export interface Request {
  readonly to: { readonly namespace: string; readonly labels: Labels };
  readonly port: number;
  readonly path?: string;
  /** Identity that mutual TLS proves; none for plaintext. */
  readonly principal?: string | undefined;
  /** In header X-Agent-Token. */
  readonly token?: Token | undefined;
  /** In header Authorization. */
  readonly authorization?: Authorization | undefined;
  /** In the query parameter access_token. */
  readonly accessToken?: Token | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}
export type Verdict = "allowed" | "no mutual TLS" | "token refused" | "denied";
export const TOKEN_HEADER = "X-Agent-Token";

const covers = ({ spec }: Doc, labels: Labels): boolean =>
  spec.selector === undefined || selects(spec.selector, labels);

function isStrict(objects: Objects, { to }: Request): boolean {
  return objects
    .in("PeerAuthentication", to.namespace)
    .filter((policy) => covers(policy, to.labels))
    .some(({ spec }) => {
      onlyFields(spec, ["mtls"], "a PeerAuthentication");
      return spec.mtls.mode === "STRICT";
    });
}

/** The rules by which a workload checks tokens. */
export function jwtRules(objects: Objects, to: Request["to"]): readonly Doc[] {
  return objects
    .in("RequestAuthentication", to.namespace)
    .filter((policy) => covers(policy, to.labels))
    .flatMap(({ spec }) => {
      onlyFields(spec, ["selector", "jwtRules"], "a RequestAuthentication");
      return spec.jwtRules;
    });
}

type Checked = "refused" | "none" | Token;

/** Whether a rule takes tokens from a place: those that it names, or Authorization and the parameter access_token if it names none. */
function readsFrom(rule: Doc, place: "X-Agent-Token" | "Authorization" | "access_token"): boolean {
  onlyFields(
    rule,
    ["issuer", "audiences", "fromHeaders", "jwks", "jwksUri", "forwardOriginalToken"],
    "a JWT rule",
  );
  if (rule.fromHeaders === undefined) return place !== "X-Agent-Token";
  return rule.fromHeaders.some(({ name }: Doc) => name.toLowerCase() === place.toLowerCase());
}

function accepts({ issuer, audiences = [] }: Doc, token: Token): boolean {
  return (
    token.genuine && issuer === token.issuer && (audiences.length === 0 || audiences.includes(token.audience))
  );
}

/**
 * A request without a token passes here; one with a token that no rule accepts does not, nor one with two, of which one is not
 * accepted by the rules that read it.
 */
function checkToken(objects: Objects, { to, token, authorization, accessToken }: Request): Checked {
  const rules = jwtRules(objects, to);
  const accepted: Token[] = [];
  const places = [
    ["X-Agent-Token", token],
    ["Authorization", authorization?.text.includes("Bearer ") ? authorization.token : undefined],
    ["access_token", accessToken],
  ] as const;
  for (const [place, found] of places) {
    const readers = rules.filter((rule) => readsFrom(rule, place));
    if (found === undefined || readers.length === 0) continue;
    if (!readers.some((rule) => accepts(rule, found))) return "refused";
    accepted.push(found);
  }
  // Which of two would speak for the request is Envoy's business: no workload should read from two places.
  if (accepted.length > 1) throw new Error("no evaluator knows which of two accepted tokens counts");
  return accepted[0] ?? "none";
}

/** Exact, `prefix*`, `*suffix`, or `*` for anything that is there. */
function textMatches(pattern: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (pattern === "*") return value !== "";
  if (pattern.endsWith("*")) return value.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith("*")) return value.endsWith(pattern.slice(1));
  return pattern === value;
}
const anyMatches = (patterns: readonly string[] | undefined, value: string | undefined): boolean =>
  patterns === undefined || patterns.some((pattern) => textMatches(pattern, value));

/** What a condition looks at: none, one, or the entries of a list. */
function attribute(
  key: string,
  headers: Readonly<Record<string, string>>,
  token: Checked,
): readonly string[] {
  const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
  if (header !== undefined) return header in headers ? [headers[header] ?? ""] : [];
  if (key === "request.auth.audiences") return typeof token === "object" ? [token.audience] : [];
  const claim = /^request\.auth\.claims\[([^\]]+)\]$/.exec(key)?.[1];
  if (claim !== undefined) return typeof token === "object" ? (token.claims?.[claim] ?? []) : [];
  throw new Error(`no evaluator knows the condition ${key}`);
}

function ruleMatches(
  rule: Doc,
  { principal, port, path = "/", headers = {} }: Request,
  token: Checked,
): boolean {
  onlyFields(rule, ["from", "to", "when"], "an authorization rule");
  const subject = typeof token === "object" ? `${token.issuer}/${token.subject}` : undefined;
  const fromMatches = (rule.from ?? [{ source: {} }]).some(({ source }: Doc) => {
    onlyFields(source, ["principals", "requestPrincipals"], "a source");
    return anyMatches(source.principals, principal) && anyMatches(source.requestPrincipals, subject);
  });
  const toMatches = (rule.to ?? [{ operation: {} }]).some(({ operation }: Doc) => {
    onlyFields(operation, ["ports", "paths"], "an operation");
    return anyMatches(operation.ports, String(port)) && anyMatches(operation.paths, path);
  });
  const whenMatches = (rule.when ?? []).every(({ key, values, notValues, ...rest }: Doc) => {
    onlyFields(rest, [], "a condition");
    const actual = attribute(key, headers, token);
    const matches = (patterns: readonly string[]) => actual.some((value) => anyMatches(patterns, value));
    return (values === undefined || matches(values)) && (notValues === undefined || !matches(notValues));
  });
  return fromMatches && toMatches && whenMatches;
}

export function authorize(objects: Objects, request: Request): Verdict {
  if (request.principal === undefined && isStrict(objects, request)) return "no mutual TLS";
  const token = checkToken(objects, request);
  if (token === "refused") return "token refused";
  const policies = objects
    .in("AuthorizationPolicy", request.to.namespace)
    .filter((policy) => covers(policy, request.to.labels));
  for (const { spec } of policies) {
    onlyFields(spec, ["selector", "action", "rules"], "an AuthorizationPolicy");
    if ((spec.action ?? "ALLOW") !== "ALLOW") throw new Error(`no evaluator knows the action ${spec.action}`);
  }
  const isAllowed =
    policies.length === 0 ||
    policies.some(({ spec }) => (spec.rules ?? []).some((rule: Doc) => ruleMatches(rule, request, token)));
  return isAllowed ? "allowed" : "denied";
}
