/** From the engine's resources to the objects that rules read (@pulumi/policy 1.21, @pulumi/kubernetes 4.34). */
import { parse } from "yaml";
import type { RawObject } from "./object";

export interface EngineResource {
  readonly type: string;
  readonly props: unknown;
  readonly urn: string;
}

/** What the SDK exports and leaves out of its declarations. */
interface PolicyProxy {
  readonly isSpecialProxy: string;
  readonly getSpecialProxyTarget: string;
  readonly [sentinel: `unknown${string}Value`]: unknown;
}
const proxies = require("@pulumi/policy/proxy") as PolicyProxy;
const KINDS = ["Archive", "Array", "Asset", "Boolean", "Number", "Object", "String"] as const;
const UNKNOWN: ReadonlySet<unknown> = new Set(KINDS.map((kind) => proxies[`unknown${kind}Value`]));

/** The engine puts a fixed text in the place of a value that a preview does not know. */
export const isUnknownToEngine = (value: unknown): boolean => UNKNOWN.has(value);

/** The engine's proxy throws on the first unknown value; rules ask for each value themselves and say which one it is. */
function withoutProxy(props: unknown): unknown {
  if (typeof props !== "object" || props === null) return props;
  const proxy = props as Readonly<Record<string, unknown>>;
  return proxy[proxies.isSpecialProxy] === true ? proxy[proxies.getSpecialProxyTarget] : props;
}

const HELM_RELEASE = "kubernetes:helm.sh/v3:Release";
const STACK = "pulumi:pulumi:Stack";
const KUBERNETES = /^kubernetes:(.+):([A-Za-z][A-Za-z0-9]*)$/;

/** Undefined for resources that are nothing of Kubernetes. Components say nothing: the Release that cert-manager's makes is seen itself. */
export function toRawObject({ type, props, urn }: EngineResource): RawObject | undefined {
  const value = withoutProxy(props);
  const origin = { urn };
  if (type === HELM_RELEASE) return { value, origin, apiVersion: "helm.sh/v3", kind: "Release" };
  if (type === STACK) return auditPolicyOf(value, urn);
  const [, apiVersion = "", kind = ""] = KUBERNETES.exec(type) ?? [];
  if (kind === "") return undefined;
  // A patch says a part of an object that stands elsewhere; a rule of its own refuses it where it matters.
  if (kind.endsWith("Patch")) return { value, origin, apiVersion: plainVersion(apiVersion), kind };
  const known = value as { apiVersion?: unknown; kind?: unknown } | null;
  const isLiteral = (part: unknown) => typeof part === "string" && !isUnknownToEngine(part);
  const saysItself = isLiteral(known?.apiVersion) && isLiteral(known?.kind);
  return saysItself ? { value, origin } : { value, origin, ...fromToken(apiVersion, kind, value) };
}

/** A type writes the core group out; manifests do not. */
const plainVersion = (apiVersion: string): string =>
  apiVersion.startsWith("core/") ? apiVersion.slice("core/".length) : apiVersion;

function fromToken(apiVersion: string, kind: string, value: unknown): Partial<RawObject> {
  const map = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  return { value: { ...map, apiVersion: plainVersion(apiVersion), kind } };
}

/** A stack that governs says its audit policy as an output: the only way it reaches an engine. */
function auditPolicyOf(outputs: unknown, urn: string): RawObject | undefined {
  const said = (outputs as { auditPolicy?: unknown } | null)?.auditPolicy;
  if (said === undefined || said === null) return undefined;
  const identity = { apiVersion: "audit.k8s.io/v1", kind: "Policy" };
  // What is no text is no policy: its rules cannot be read, and rules say so.
  if (typeof said !== "string" || isUnknownToEngine(said))
    return { value: { ...identity, rules: said }, origin: { urn } };
  try {
    return { value: parse(said), origin: { urn }, ...identity };
  } catch {
    return { value: { ...identity, rules: "no YAML" }, origin: { urn } };
  }
}
