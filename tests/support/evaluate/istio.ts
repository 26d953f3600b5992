/** What a sidecar or gateway of the mesh lets through: mutual TLS, the token, then authorization (security.istio.io/v1). */
import { type Doc, type Labels, type Objects, onlyFields, selects } from "./objects";

export interface Token {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Whether it was signed by a key that is published. */
  readonly genuine: boolean;
}
export interface Request {
  readonly to: { readonly namespace: string; readonly labels: Labels };
  readonly port: number;
  readonly path?: string;
  /** Identity that mutual TLS proves; none for plaintext. */
  readonly principal?: string | undefined;
  /** In header X-Agent-Token. */
  readonly token?: Token | undefined;
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

/** A request without a token passes here; one with a token that no rule accepts does not. */
function checkToken(objects: Objects, { to, token }: Request): Checked {
  const rules = jwtRules(objects, to).filter((rule) => {
    onlyFields(rule, ["issuer", "audiences", "fromHeaders", "jwks", "forwardOriginalToken"], "a JWT rule");
    return rule.fromHeaders.some(({ name }: Doc) => name === TOKEN_HEADER);
  });
  if (token === undefined || rules.length === 0) return "none";
  const accepted = rules.some(
    ({ issuer, audiences = [] }) =>
      token.genuine &&
      issuer === token.issuer &&
      (audiences.length === 0 || audiences.includes(token.audience)),
  );
  return accepted ? token : "refused";
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
  const whenMatches = (rule.when ?? []).every(({ key, values, ...rest }: Doc) => {
    onlyFields(rest, [], "a condition");
    const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
    if (header !== undefined) return anyMatches(values, headers[header]);
    if (key === "request.auth.audiences")
      return anyMatches(values, typeof token === "object" ? token.audience : undefined);
    throw new Error(`no evaluator knows the condition ${key}`);
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
