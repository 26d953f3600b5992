/** Whether one rule of an AuthorizationPolicy matches a request (security.istio.io/v1, as Istio 1.31 documents it). */
import { contains } from "./addresses";
import { type Doc, NotUnderstood, onlyFields } from "./objects";
import type { Request, Token } from "./request";

/** A request as authorization sees it: with what mutual TLS and the token have proved. */
export type Matching = Omit<Request, "to"> & { readonly token: Token | undefined };

/** A value of an authorization rule: exact, `prefix*`, `*suffix`, or `*` for anything that is there. */
export function textMatches(pattern: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (pattern === "*") return value !== "";
  if (pattern.endsWith("*")) return value.startsWith(pattern.slice(0, -1));
  if (pattern.startsWith("*")) return value.endsWith(pattern.slice(1));
  return pattern === value;
}
export const isExact = (pattern: string): boolean => !pattern.startsWith("*") && !pattern.endsWith("*");

/** A path may also hold `{*}` for one segment and `{**}` for any number of them. */
function pathMatches(pattern: string, value: string | undefined): boolean {
  if (!/\{\*\*?\}/.test(pattern)) return textMatches(pattern, value);
  const expression = pattern
    .split(/(\{\*\*?\})/)
    .map((part) => (part === "{*}" ? "[^/]+" : part === "{**}" ? ".*" : literally(part)))
    .join("");
  return value !== undefined && new RegExp(`^${expression}$`).test(value);
}
const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

type Test = (pattern: string) => boolean;
/** What a field and its `not` counterpart ask of one value. A field that is not there asks nothing. */
function asks(values: readonly string[] | undefined, notValues: readonly string[] | undefined, test: Test) {
  return (values === undefined || values.length === 0 || values.some(test)) && !notValues?.some(test);
}

interface Identity {
  readonly namespace: string | undefined;
  /** `<namespace>/<name>`. */
  readonly serviceAccount: string | undefined;
}

export function identityOf(principal: string | undefined): Identity {
  const [, namespace, account] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(principal ?? "") ?? [];
  return { namespace, serviceAccount: account === undefined ? undefined : `${namespace}/${account}` };
}

export const requestPrincipalOf = (token: Token | undefined): string | undefined =>
  token && `${token.issuer}/${token.subject}`;

/** Each field with its `not` counterpart, and the value it is held against. */
type Fields = Readonly<Record<string, (pattern: string, request: Matching) => boolean>>;
const inRange = (cidr: string, { address }: Matching): boolean => {
  if (address === undefined) throw new NotUnderstood("a rule asks for the address of the source");
  return contains(cidr.includes("/") ? cidr : `${cidr}/${cidr.includes(":") ? 128 : 32}`, address);
};
const SOURCE: Fields = {
  principals: (pattern, { principal }) => textMatches(pattern, principal),
  requestPrincipals: (pattern, { token }) => textMatches(pattern, requestPrincipalOf(token)),
  namespaces: (pattern, { principal }) => textMatches(pattern, identityOf(principal).namespace),
  serviceAccounts: (pattern, { principal }) => {
    // Without a namespace it means the policy's own, which a rule alone does not tell.
    if (!pattern.includes("/")) throw new NotUnderstood(`a source names the service account ${pattern}`);
    return textMatches(pattern, identityOf(principal).serviceAccount);
  },
  ipBlocks: inRange,
  remoteIpBlocks: inRange,
};
const OPERATION: Fields = {
  ports: (pattern, { port }) => textMatches(pattern, String(port)),
  paths: (pattern, { path = "/" }) => pathMatches(pattern, path),
  methods: (pattern, { method = "POST" }) => textMatches(pattern, method),
  hosts: (pattern, { host }) => textMatches(pattern.toLowerCase(), host?.toLowerCase()),
};
const notField = (field: string): string => `not${field[0]?.toUpperCase()}${field.slice(1)}`;

function matchesAll(wanted: Doc, fields: Fields, request: Matching, where: string): boolean {
  const names = Object.keys(fields);
  onlyFields(wanted, [...names, ...names.map(notField)], where);
  return names.every((field) =>
    asks(wanted[field], wanted[notField(field)], (pattern) => fields[field]?.(pattern, request) ?? false),
  );
}

/** What a condition is held against; undefined where the request has no such thing. */
function conditionTest(key: string, request: Matching): Test {
  const { headers = {}, token, principal } = request;
  const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1]?.toLowerCase();
  if (header !== undefined) return (pattern) => textMatches(pattern, headers[header]);
  switch (key) {
    case "source.principal":
      return (pattern) => textMatches(pattern, principal);
    case "source.namespace":
      return (pattern) => textMatches(pattern, identityOf(principal).namespace);
    case "source.ip":
    case "remote.ip":
      return (pattern) => inRange(pattern, request);
    case "destination.port":
      return (pattern) => textMatches(pattern, String(request.port));
    case "request.auth.principal":
      return (pattern) => textMatches(pattern, requestPrincipalOf(token));
    case "request.auth.audiences":
    case "request.auth.claims[aud]":
      return (pattern) => textMatches(pattern, token?.audience);
    case "request.auth.claims[iss]":
      return (pattern) => textMatches(pattern, token?.issuer);
    case "request.auth.claims[sub]":
      return (pattern) => textMatches(pattern, token?.subject);
    default: {
      const claim = /^request\.auth\.claims\[([^\]]+)\]$/.exec(key)?.[1];
      if (claim === undefined) throw new NotUnderstood(`an authorization rule has the condition ${key}`);
      return (pattern) => (token?.claims?.[claim] ?? []).some((value) => textMatches(pattern, value));
    }
  }
}

export function ruleMatches(rule: Doc, request: Matching): boolean {
  onlyFields(rule ?? {}, ["from", "to", "when"], "an authorization rule");
  const { from = [], to = [], when = [] } = rule ?? {};
  return (
    (from.length === 0 ||
      from.some(({ source }: Doc) => matchesAll(source ?? {}, SOURCE, request, "a source"))) &&
    (to.length === 0 ||
      to.some(({ operation }: Doc) => matchesAll(operation ?? {}, OPERATION, request, "an operation"))) &&
    when.every(({ key, values, notValues, ...rest }: Doc) => {
      onlyFields(rest, [], "a condition");
      return asks(values, notValues, conditionTest(key, request));
    })
  );
}
