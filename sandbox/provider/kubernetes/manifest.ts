/** Small questions about a Kubernetes object. */
import { isObject, type Json, type JsonObject } from "../rpc/values";

export type Manifest = JsonObject;

/** The value at a path of keys, or undefined. */
export function at(object: Json | undefined, ...path: string[]): Json | undefined {
  let value = object;
  for (const key of path) {
    if (!isObject(value)) return undefined;
    value = value[key];
  }
  return value;
}

export function text(object: Json | undefined, ...path: string[]): string {
  const value = at(object, ...path);
  return typeof value === "string" ? value : "";
}

export const nameOf = (object: Manifest): string => text(object, "metadata", "name");
export const namespaceOf = (object: Manifest): string => text(object, "metadata", "namespace");
export const apiVersionOf = (object: Manifest): string => text(object, "apiVersion");
export const kindOf = (object: Manifest): string => text(object, "kind");
export const groupOf = (object: Manifest): string =>
  apiVersionOf(object).includes("/") ? (apiVersionOf(object).split("/")[0] ?? "") : "";

/** The same manifest in another namespace; the empty text removes the field. */
export function withNamespace(object: Manifest, namespace: string): Manifest {
  const metadata = { ...metadataOf(object) };
  if (namespace === "") delete metadata.namespace;
  else metadata.namespace = namespace;
  return { ...object, metadata };
}

export function withoutMetadata(object: Manifest, ...keys: string[]): Manifest {
  const metadata = { ...metadataOf(object) };
  for (const key of keys) delete metadata[key];
  return { ...object, metadata };
}

export function withoutStatus(object: Manifest): Manifest {
  const { status: _status, ...rest } = object;
  return rest;
}

export function metadataOf(object: Manifest): JsonObject {
  return isObject(object.metadata) ? object.metadata : {};
}

export function isSecretKind(object: Manifest): boolean {
  return apiVersionOf(object) === "v1" && kindOf(object) === "Secret";
}

export function isDefinition(object: Manifest): boolean {
  return groupOf(object) === "apiextensions.k8s.io" && kindOf(object) === "CustomResourceDefinition";
}

/** `Agent team-alpha/orchestrator`, as messages name an object. */
export function describe(object: Manifest): string {
  return `${kindOf(object)} ${idOf(object)}`;
}

/** `namespace/name`, or the name alone where there is no namespace: the identifier in Pulumi's state. */
export function idOf(object: Manifest): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

export function parseId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/**
 * Behaviour that a program asks for by annotation. Source: pulumi/pulumi-kubernetes
 * provider/pkg/metadata/annotations.go.
 */
export function annotation(object: Manifest, name: Annotation): string {
  return text(object, "metadata", "annotations", `pulumi.com/${name}`);
}

export type Annotation =
  | "autonamed"
  | "deletionPropagationPolicy"
  | "patchFieldManager"
  | "patchForce"
  | "skipAwait"
  | "timeoutSeconds"
  | "waitFor";
