/**
 * Who owns which field. An object is created with a plain POST, which the API server books under an "Update" manager;
 * the first server-side apply takes those fields over, because only the owner of a field removes it by leaving it
 * out. Fields set with `kubectl apply` are taken over too; other managers' fields stay theirs, and a conflict with
 * them is an error unless the program forces it.
 * Source: pulumi/pulumi-kubernetes provider/pkg/await/await.go (fixCSAFieldManagers, patchForce).
 */
import { randomBytes } from "node:crypto";
import { isObject, type Json, type JsonObject } from "../rpc/values";
import { annotation, at, type Manifest, text } from "./manifest";

/** Under which name a POST is booked. */
export const CREATE_MANAGER = "pulumi-kubernetes";

const TAKEN_OVER: [manager: string, operation: string][] = [
  ["kubectl", "Apply"],
  ["kubectl", "Update"],
  ["before-first-apply", "Update"],
  ["pulumi-kubernetes", "Update"],
  ["pulumi-kubernetes.exe", "Update"],
  ["pulumi-resource-kubernetes", "Update"],
];

export function fieldManagerFor(inputs: Manifest, before: string): string {
  return (
    annotation(inputs, "patchFieldManager") || before || `pulumi-kubernetes-${randomBytes(4).toString("hex")}`
  );
}

export function managedFields(live: Manifest): JsonObject[] {
  const entries = at(live, "metadata", "managedFields");
  return Array.isArray(entries) ? entries.filter(isObject) : [];
}

function isTakenOver(entry: JsonObject): boolean {
  if (text(entry, "subresource") !== "") return false;
  return TAKEN_OVER.some(
    ([manager, operation]) => entry.manager === manager && entry.operation === operation,
  );
}

/** The JSON patch that books the fields under `manager`; undefined when there is nothing to take over. */
export function takeOver(live: Manifest, manager: string): JsonObject[] | undefined {
  const entries = managedFields(live);
  const taken = entries.filter(isTakenOver);
  if (taken.length === 0) return undefined;
  const isOwn = (entry: JsonObject) =>
    entry.manager === manager && entry.operation === "Apply" && text(entry, "subresource") === "";
  const own = entries.filter(isOwn);
  const merged = [...own, ...taken].map((entry) => (isObject(entry.fieldsV1) ? entry.fieldsV1 : {}));
  const mine: JsonObject = {
    ...(own[0] ?? taken[0]),
    manager,
    operation: "Apply",
    fieldsV1: merged.reduce(union, {}),
  };
  const others = entries.filter((entry) => !isTakenOver(entry) && !isOwn(entry));
  return [
    { op: "replace", path: "/metadata/managedFields", value: [mine, ...others] },
    // Refused when somebody else changed the object in between.
    { op: "replace", path: "/metadata/resourceVersion", value: text(live, "metadata", "resourceVersion") },
  ];
}

/** The union of two field sets, which are trees of objects. */
function union(left: JsonObject, right: JsonObject): JsonObject {
  const result: JsonObject = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const known: Json | undefined = result[key];
    result[key] = isObject(known) && isObject(value) ? union(known, value) : value;
  }
  return result;
}

/** Whether an apply may take fields from managers that it does not take over. */
export function isForced(
  inputs: Manifest,
  live: Manifest,
  forcedByProvider: boolean,
  preview: boolean,
): boolean {
  if (annotation(inputs, "patchForce") === "true" || forcedByProvider) return true;
  const entries = managedFields(live);
  if (entries.length === 0) return true;
  // A preview changes no bookkeeping, so a conflict with what will be taken over is none.
  return preview && entries.some(isTakenOver);
}
