/**
 * The live object cut down to what the program gave, so that what servers and controllers add shows no change.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/util.go (pruneMap, pruneSlice). Like there, an array is
 * compared as far as the given one goes: an element that somebody appended is not seen.
 */
import { isObject, type Json, type JsonObject } from "../rpc/values";

export function prune(live: JsonObject, given: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(live)) {
    const wanted = given[key];
    if (wanted !== undefined) result[key] = pruneValue(value, wanted);
  }
  return result;
}

function pruneValue(live: Json, given: Json): Json {
  if (isObject(live) && isObject(given)) return prune(live, given);
  if (Array.isArray(live) && Array.isArray(given)) {
    return live.slice(0, given.length).map((entry, index) => pruneValue(entry, given[index] ?? null));
  }
  return live;
}
