/** What a layer returns: plain manifests, and where each belongs. Nothing here knows the Pulumi engine. */
import type { Labels } from "../../topology/index";

/** A value that exists only when the engine runs: a key, a token, an API key. Rendering shows its name instead. */
export class EngineValue {
  constructor(
    /** What it is, e.g. `token/team-alpha.orchestrator/team-beta.specialist`. Never the value. */
    readonly name: string,
    readonly isSecret: boolean,
  ) {}
}

/** The same structure with each engine value replaced by what `replacement` gives for it. */
export function replaceEngineValues(part: unknown, replacement: (value: EngineValue) => unknown): unknown {
  if (part instanceof EngineValue) return replacement(part);
  if (Array.isArray(part)) return part.map((item) => replaceEngineValues(item, replacement));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, replaceEngineValues(value, replacement)]),
  );
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

/** Where an object comes from, in the words of the documentation. Also the name of its file when rendered. */
export const LAYERS = [
  "platform",
  "namespaces",
  "pki",
  "rbac",
  "secrets",
  "models",
  "admission",
  "network",
  "identity",
  "token",
  "agents",
] as const;
export type Layer = (typeof LAYERS)[number];

export interface Planned {
  readonly layer: Layer;
  readonly manifest: Manifest;
  /** The tenant it serves; undefined for what serves all of them. It may live in another namespace. */
  readonly tenant?: string;
  /** The agent (`<tenant>/<agent>`) it serves, where it serves one: that Agent is created after it. */
  readonly agent?: string;
  /** Keys of objects it needs, besides its namespace. A Helm release that the stack does not install needs no waiting for. */
  readonly after?: readonly ObjectKey[];
  /** The engine refuses to delete it: users' data would go with it. */
  readonly protect?: boolean;
  /** It stays on the cluster when the stack goes: what somebody else put there would go with it. */
  readonly retain?: boolean;
}

/** `<apiVersion>/<kind>/<namespace>/<name>`: one object of a cluster. */
export type ObjectKey = string;

export function objectKey({ apiVersion, kind, metadata }: Manifest): ObjectKey {
  return [apiVersion, kind, metadata.namespace ?? "", metadata.name].join("/");
}

/** A Helm release stands in the plan like an object, so that one order and one set of rules hold for both. */
export const RELEASE_API_VERSION = "helm.sh/v3";
export const RELEASE_KIND = "Release";

export const isRelease = ({ apiVersion, kind }: Manifest): boolean =>
  apiVersion === RELEASE_API_VERSION && kind === RELEASE_KIND;

export function releaseKey(namespace: string, name: string): ObjectKey {
  return objectKey({ apiVersion: RELEASE_API_VERSION, kind: RELEASE_KIND, metadata: { name, namespace } });
}

export function namespaceKey(name: string): ObjectKey {
  return objectKey({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
}
