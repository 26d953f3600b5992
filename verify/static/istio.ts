/**
 * What a sidecar or gateway of the mesh lets through (security.istio.io/v1, as Istio 1.31 documents it): mutual TLS by the
 * PeerAuthentication that is most specific, then the tokens that RequestAuthentications demand to be valid, then
 * AuthorizationPolicies: DENY first, then, where any ALLOW policy covers the workload, one of them must match.
 */
import { istio } from "../../topology/index";
import { type Matching, ruleMatches } from "./istio-rules";
import { type Doc, NotUnderstood, type Objects, onlyFields, selects } from "./objects";
import type { Request, Token, Workload } from "./request";

export type { Request, Token, Workload } from "./request";

export type Verdict = "allowed" | "no mutual TLS" | "token refused" | "denied";

/** Where Istio is installed: what stands there holds for the whole mesh. */
const ROOT_NAMESPACE = istio.ISTIO_NAMESPACE;
/** What Go reads as true. */
const TRUE = ["1", "t", "T", "true", "True", "TRUE"];

/**
 * Whether istiod makes anything of an object.
 * @throws NotUnderstood where only some istiod does: which revision is in force the object does not tell
 */
export function isInForce({ kind, metadata }: Doc): boolean {
  if (metadata.labels?.[istio.REVISION_LABEL] !== undefined)
    throw new NotUnderstood(
      `${kind} ${metadata.namespace}/${metadata.name} is for one revision of istiod (label ${istio.REVISION_LABEL})`,
    );
  return kind !== "AuthorizationPolicy" || !TRUE.includes(metadata.annotations?.[istio.DRY_RUN_ANNOTATION]);
}

/** Policies of a kind that are in force about a workload: those of its own namespace and of the whole mesh. */
export function covering(objects: Objects, kind: string, { namespace, labels }: Workload): readonly Doc[] {
  const places = namespace === ROOT_NAMESPACE ? [namespace] : [namespace, ROOT_NAMESPACE];
  return places
    .flatMap((place) => objects.in(kind, place))
    .filter(isInForce)
    .filter(({ metadata, spec = {} }) => {
      if (spec.targetRef !== undefined || spec.targetRefs !== undefined)
        throw new NotUnderstood(
          `${kind} ${metadata.namespace}/${metadata.name} names its target by targetRefs`,
        );
      return spec.selector === undefined || selects(spec.selector, labels);
    });
}

type TlsMode = "STRICT" | "PERMISSIVE" | "DISABLE";

/** From the one that gives way to the one that wins; a selector in the root namespace is left out of account. */
const LEVELS: readonly ((policy: Doc) => boolean)[] = [
  ({ metadata, spec }) => metadata.namespace === ROOT_NAMESPACE && !hasSelector(spec),
  ({ metadata, spec }) => metadata.namespace !== ROOT_NAMESPACE && !hasSelector(spec),
  ({ metadata, spec }) => metadata.namespace !== ROOT_NAMESPACE && hasSelector(spec),
];
/** An empty one selects nothing in particular. */
const hasSelector = (spec: Doc): boolean => Object.keys(spec?.selector?.matchLabels ?? {}).length > 0;

/**
 * The mesh's policy gives way to the namespace's, and that to the workload's own; of each kind the oldest counts alone, and what it
 * leaves UNSET it takes from the one that gives way (ComposePeerAuthentication of istiod 1.31).
 */
export function mtlsMode(objects: Objects, to: Workload, port: number): TlsMode {
  const age = ({ metadata }: Doc): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
  const policies = [...covering(objects, "PeerAuthentication", to)].sort((a, b) =>
    age(a) < age(b) ? -1 : 1,
  );
  for (const { spec = {} } of policies)
    onlyFields(spec, ["selector", "mtls", "portLevelMtls"], "a PeerAuthentication");
  const isSet = (mode: unknown): mode is TlsMode => mode !== undefined && mode !== "UNSET";
  const oldest = LEVELS.map((level) => policies.find(level)?.spec);
  const modes = [...oldest.map((spec) => spec?.mtls?.mode), oldest.at(-1)?.portLevelMtls?.[port]?.mode];
  return modes.findLast(isSet) ?? "PERMISSIVE";
}

/** The rules by which a workload checks tokens. */
export function jwtRules(objects: Objects, to: Workload): readonly Doc[] {
  return covering(objects, "RequestAuthentication", to).flatMap(({ spec = {} }) => {
    onlyFields(spec, ["selector", "jwtRules"], "a RequestAuthentication");
    return spec.jwtRules ?? [];
  });
}

const JWT_RULE = [
  "issuer",
  "audiences",
  "fromHeaders",
  "fromParams",
  "jwks",
  "jwksUri",
  "forwardOriginalToken",
  "outputPayloadToHeader",
  "outputClaimToHeaders",
  "timeout",
];

interface Place {
  readonly header: string;
  readonly prefix: string;
}

/** Where a rule looks for a token: `Authorization` and the parameter `access_token` where it names no place. */
function placesOf(rule: Doc): Place[] {
  onlyFields(rule, JWT_RULE, "a JWT rule");
  const { fromHeaders = [], fromParams = [] } = rule;
  if (fromHeaders.length + fromParams.length === 0)
    return [
      { header: "authorization", prefix: "Bearer " },
      { header: "?access_token", prefix: "" },
    ];
  return [
    ...fromHeaders.map(({ name, prefix = "" }: Doc) => ({ header: name.toLowerCase(), prefix })),
    ...fromParams.map((name: string) => ({ header: `?${name}`, prefix: "" })),
  ];
}

/** Headers, in lower case, and parameters in which a rule looks for a token. */
export const headersOf = (rule: Doc): string[] => placesOf(rule).map(({ header }) => header);

const looksAt = (rule: Doc, { header, before }: Token): boolean =>
  placesOf(rule).some(
    (place) => place.header === header && (before === undefined || before.includes(place.prefix)),
  );

const audiences = new WeakMap<Doc, ReadonlySet<string>>();

/** A rule without audiences takes every audience. */
function takesAudience(rule: Doc, audience: string): boolean {
  const known = audiences.get(rule) ?? new Set<string>(rule.audiences ?? []);
  audiences.set(rule, known);
  return known.size === 0 || known.has(audience);
}

type Checked = "refused" | "none" | Token;

/** A request without a token passes here; one with a token that no rule accepts does not. */
function checkToken(rules: readonly Doc[], token: Token | undefined): Checked {
  if (token === undefined) return "none";
  const looking = rules.filter((rule) => looksAt(rule, token));
  if (looking.length === 0) return "none";
  const isAccepted = looking.some(
    (rule) =>
      (token.isVerifiedBy?.(rule.jwks) ?? token.genuine) &&
      rule.issuer === token.issuer &&
      takesAudience(rule, token.audience),
  );
  return isAccepted ? token : "refused";
}

/** Authorization policies that cover a workload, by what they do. */
export interface Rules {
  readonly deny: readonly Doc[];
  readonly allow: readonly Doc[];
  /** Whether any ALLOW policy covers it, with or without a rule: then what no rule allows is denied. */
  readonly isClosed: boolean;
}

/** An external authorizer may refuse more and cannot allow more: CUSTOM and AUDIT policies open nothing. */
export function authorizationRules(objects: Objects, to: Workload): Rules {
  const byAction = { ALLOW: [] as Doc[], DENY: [] as Doc[], CUSTOM: [] as Doc[], AUDIT: [] as Doc[] };
  let isClosed = false;
  for (const { metadata, spec = {} } of covering(objects, "AuthorizationPolicy", to)) {
    const where = `AuthorizationPolicy ${metadata.namespace}/${metadata.name}`;
    onlyFields(spec, ["selector", "action", "rules", "provider"], where);
    const action: string = spec.action ?? "ALLOW";
    if (!(action in byAction)) throw new NotUnderstood(`${where} has the action ${action}`);
    byAction[action as keyof typeof byAction].push(...(spec.rules ?? []));
    if (action === "ALLOW") isClosed = true;
  }
  return { deny: byAction.DENY, allow: byAction.ALLOW, isClosed };
}

/** A workload with everything that is about it, to be asked about many requests. */
export class Guard {
  readonly rules: Rules;
  readonly jwt: readonly Doc[];
  readonly #modes = new Map<number, TlsMode>();

  constructor(
    readonly objects: Objects,
    readonly to: Workload,
  ) {
    this.rules = authorizationRules(objects, to);
    this.jwt = jwtRules(objects, to);
  }

  /** Whether the workload hands tokens on to where it forwards a request. */
  get forwardsTokens(): boolean {
    return this.jwt.every(({ forwardOriginalToken }) => forwardOriginalToken === true);
  }

  authorize(request: Omit<Request, "to">): Verdict {
    return this.#decide(request, ({ allow, isClosed }, matching) =>
      !isClosed ? true : allow.some((rule) => ruleMatches(rule, matching)),
    );
  }

  /** The same, of a request that is known to match an ALLOW rule. */
  authorizeBy(rule: Doc, request: Omit<Request, "to">): Verdict {
    return this.#decide(request, (_, matching) => ruleMatches(rule, matching));
  }

  #decide(request: Omit<Request, "to">, isAllowed: (rules: Rules, matching: Matching) => boolean): Verdict {
    const mode = this.#modes.get(request.port) ?? mtlsMode(this.objects, this.to, request.port);
    this.#modes.set(request.port, mode);
    if (mode === "STRICT" && request.principal === undefined) return "no mutual TLS";
    const token = checkToken(this.jwt, request.token);
    if (token === "refused") return "token refused";
    const matching: Matching = {
      ...request,
      // Without mutual TLS nobody proves who they are.
      principal: mode === "DISABLE" ? undefined : request.principal,
      token: token === "none" ? undefined : token,
    };
    if (this.rules.deny.some((rule) => ruleMatches(rule, matching))) return "denied";
    return isAllowed(this.rules, matching) ? "allowed" : "denied";
  }
}

export function authorize(objects: Objects, { to, ...request }: Request): Verdict {
  return new Guard(objects, to).authorize(request);
}
