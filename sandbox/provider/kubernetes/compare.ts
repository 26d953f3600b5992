/**
 * What a deployment would change, and whether it replaces the object. New inputs are compared with the live object as
 * the state knows it, so that a refresh shows drift and the next deployment repairs it.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (Diff).
 */
import { isDeepStrictEqual } from "node:util";
import type { DiffResult, PropertyChange } from "../rpc/plugin";
import { isObject, type Json, type JsonObject } from "../rpc/values";
import { diffObjects, formatPath, isIgnored, type Path, type Same } from "./diff";
import { annotation, type Manifest, nameOf, namespaceOf, withNamespace, withoutMetadata } from "./manifest";
import { isBuiltIn, isEmpty, normalise, sameValue } from "./normalise";
import { prune } from "./prune";
import { type Mutability, replaceFields, replaces } from "./replace-fields";
import type { Checkpoint } from "./state";

export interface CompareOptions {
  ignoreChanges: string[];
  mutable: Mutability;
  /** Undefined when the kind is not served; such a kind is taken for a namespaced one. */
  namespaced: boolean | undefined;
}

export function compare(before: Checkpoint, given: Manifest, options: CompareOptions): DiffResult {
  const inNamespace = (object: Manifest) =>
    withNamespace(object, options.namespaced === false ? "" : namespaceOf(object) || "default");
  const live = withoutMetadata(inNamespace(before.live), "resourceVersion");
  const after = inNamespace(normalise(given));
  const oldInputs = { ...inNamespace(normalise(before.inputs)) };
  const base = pruned(live, oldInputs, nameOf(after) !== "");
  const fields = replaceFields(after, options.mutable);
  const changes = new Map<string, PropertyChange>();
  for (const change of diffObjects(base, after, sameFor(after, oldInputs))) {
    const path = formatPath(change.path);
    if (isIgnored(path, options.ignoreChanges)) continue;
    changes.set(path, { kind: change.kind, replace: replaces(change, fields) });
  }
  return { changes, deleteBeforeReplace: mustDeleteFirst(changes, live, after) };
}

/** The live object as far as the program described it. */
function pruned(live: Manifest, oldInputs: Manifest, named: boolean): Manifest {
  const result = prune(live, oldInputs);
  if (result.apiVersion === undefined) result.apiVersion = live.apiVersion ?? null;
  if (result.kind === undefined) result.kind = live.kind ?? null;
  if (!named) return result;
  return { ...result, metadata: { ...(result.metadata as JsonObject), name: nameOf(live) } };
}

/** An empty field that was given before and is not there was not stored; one that is new is a change. */
function sameFor(manifest: Manifest, oldInputs: Manifest): Same {
  if (!isBuiltIn(manifest)) return () => false;
  return (live, given, path) => {
    if (live !== undefined) return sameValue(live, given, path);
    return isEmpty(given) && isDeepStrictEqual(valueAt(oldInputs, path), given);
  };
}

function valueAt(object: Manifest, path: Path): unknown {
  return path.reduce<unknown>(
    (from, key) => (from as Record<string | number, unknown> | undefined)?.[key],
    object,
  );
}

/** Two objects cannot have one name at the same time. */
function mustDeleteFirst(changes: Map<string, PropertyChange>, live: Manifest, after: Manifest): boolean {
  if (![...changes.values()].some(({ replace }) => replace)) return false;
  const sameObject = nameOf(live) === nameOf(after) && namespaceOf(live) === namespaceOf(after);
  return sameObject && annotation(after, "autonamed") !== "true";
}

/**
 * The inputs as they would have to be for the live object: where the server only writes a value differently, the
 * inputs' own form stays, so that a refresh without drift changes nothing.
 */
export function inputsFrom(live: Manifest, inputs: Manifest): Manifest {
  const same = sameFor(inputs, inputs);
  const merge = (current: Json | undefined, given: Json, path: Path): Json | undefined => {
    if (isObject(current) && isObject(given)) {
      const entries = Object.entries(given).map(([key, value]) => [
        key,
        merge(current[key], value, [...path, key]),
      ]);
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    }
    if (Array.isArray(current) && Array.isArray(given)) {
      const merged = given.map((value, index) => merge(current[index], value, [...path, index]));
      return merged.filter((value) => value !== undefined);
    }
    return same(current, given, path) ? given : current;
  };
  return merge(live, inputs, []) as Manifest;
}
