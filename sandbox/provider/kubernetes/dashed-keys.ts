/**
 * Seven keys of a CustomResourceDefinition's schema have dashes in Kubernetes and underscores in the SDKs.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (underscoreToDashMap).
 */
import { isObject, type Json, type JsonObject } from "../rpc/values";

const DASHED = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];
const TO_UNDERSCORE = new Map(DASHED.map((key) => [key, key.replaceAll("-", "_")]));
const TO_DASH = new Map(DASHED.map((key) => [key.replaceAll("-", "_"), key]));

export const toKubernetesKeys = (object: JsonObject): JsonObject => rename(object, TO_DASH) as JsonObject;
export const toSdkKeys = (object: JsonObject): JsonObject => rename(object, TO_UNDERSCORE) as JsonObject;

function rename(value: Json, names: Map<string, string>): Json {
  if (Array.isArray(value)) return value.map((entry) => rename(entry, names));
  if (!isObject(value)) return value;
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value)) result[names.get(key) ?? key] = rename(entry, names);
  return result;
}
