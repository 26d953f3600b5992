/**
 * Manifests in the form in which two that mean the same are equal, so that a deployment without changes shows none.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (normalizeInputs), provider/pkg/clients/
 * unstructured.go (Normalize). The official provider passes built-in kinds through their Go types; `sameValue` below
 * covers what that changes in practice: quantities, and empty fields that the server does not store.
 */
import { hasUnknown, isObject, type Json, type JsonObject } from "../rpc/values";
import { at, groupOf, isDefinition, isSecretKind, type Manifest, withoutMetadata } from "./manifest";

const READ_ONLY_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

export function normalise(manifest: Manifest): Manifest {
  let result = manifest;
  if (!hasUnknown(manifest)) {
    if (isSecretKind(manifest)) result = normaliseSecret(manifest);
    if (isDefinition(manifest)) result = normaliseDefinition(manifest);
  }
  return isObject(result.metadata) ? withoutMetadata(result, ...READ_ONLY_METADATA) : result;
}

/** The API server stores `stringData` as base64 under `data`, and re-encodes `data`. */
function normaliseSecret(manifest: Manifest): Manifest {
  const { stringData, ...rest } = manifest;
  const data: JsonObject = {};
  for (const [key, value] of entries(manifest.data)) {
    data[key] = typeof value === "string" ? (reencoded(value) ?? value) : value;
  }
  for (const [key, value] of entries(stringData)) data[key] = Buffer.from(String(value)).toString("base64");
  return Object.keys(data).length === 0 ? rest : { ...rest, data };
}

/** Undefined when the text is not base64: the API server shall say so itself. */
function reencoded(text: string): string | undefined {
  const stripped = text.replace(/\s/g, "");
  const encoded = Buffer.from(stripped, "base64").toString("base64");
  return encoded.replace(/=+$/, "") === stripped.replace(/=+$/, "") ? encoded : undefined;
}

function normaliseDefinition(manifest: Manifest): Manifest {
  const { status: _status, ...rest } = manifest;
  if (at(rest, "spec", "preserveUnknownFields") !== false) return rest;
  const { preserveUnknownFields: _default, ...spec } = rest.spec as JsonObject;
  return { ...rest, spec };
}

function entries(value: Json | undefined): [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** API groups of Kubernetes itself, whose objects pass through typed storage. */
const BUILT_IN_GROUPS = new Set([
  "",
  "apps",
  "autoscaling",
  "batch",
  "policy",
  ...[
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "certificates",
    "coordination",
    "discovery",
    "flowcontrol.apiserver",
    "networking",
    "node",
    "rbac.authorization",
    "resource",
    "scheduling",
    "storage",
  ].map((group) => `${group}.k8s.io`),
]);

export function isBuiltIn(manifest: Manifest): boolean {
  return BUILT_IN_GROUPS.has(groupOf(manifest));
}

/** Whether the live value of a built-in kind is what the API server makes of the given one. */
export function sameValue(live: Json, given: Json, path: readonly (string | number)[]): boolean {
  return isQuantityPath(path) && sameQuantity(live, given);
}

export function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === "" || value === false || value === 0;
}

const QUANTITY_MAPS = new Set([
  "capacity",
  "default",
  "defaultRequest",
  "hard",
  "limits",
  "max",
  "maxLimitRequestRatio",
  "min",
  "requests",
]);

function isQuantityPath(path: readonly (string | number)[]): boolean {
  return path.at(-1) === "sizeLimit" || QUANTITY_MAPS.has(String(path.at(-2)));
}

const SCALE: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

function sameQuantity(left: Json, right: Json): boolean {
  const [a, b] = [quantity(left), quantity(right)];
  return a !== undefined && b !== undefined && Math.abs(a - b) <= Math.abs(a) * 1e-12;
}

/** Source: kubernetes/apimachinery pkg/api/resource/quantity.go. */
function quantity(value: Json): number | undefined {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]?i?)$/.exec(String(value));
  if (match === null) return undefined;
  const scale = SCALE[match[2] ?? ""];
  return scale === undefined ? undefined : Number(match[1]) * scale;
}
