/**
 * Immutable fields that no table knows: the API server is asked by a dry run. The official provider would fail while
 * updating; here the preview shows the replacement that is needed.
 */
import type { DiffResult } from "../rpc/plugin";
import { ApiError } from "./api-server";
import type { Cluster } from "./cluster";
import { annotation, type Manifest, nameOf } from "./manifest";
import { isBuiltIn } from "./normalise";

/** Source: kubernetes/apimachinery pkg/api/validation/objectmeta.go (FieldImmutableErrorMsg). */
const IMMUTABLE = "field is immutable";
const DRY_RUN_MANAGER = "pulumi-kubernetes-diff";

export async function markImmutable(
  result: DiffResult,
  given: Manifest,
  cluster: Cluster,
): Promise<DiffResult> {
  const changes = [...result.changes];
  if (!changes.some(([path]) => mayBeImmutable(path)) || changes.some(([, { replace }]) => replace))
    return result;
  if (!isBuiltIn(given)) return result; // a definition's own rules have their own words
  const fields = await immutableFields(given, cluster);
  if (fields.length === 0) return result;
  const touched = changes.filter(([path]) => fields.some((field) => overlap(path, field)));
  const replaced = new Set((touched.length > 0 ? touched : changes).map(([path]) => path));
  return {
    changes: new Map(changes.map(([path, change]) => [path, { ...change, replace: replaced.has(path) }])),
    deleteBeforeReplace: annotation(given, "autonamed") !== "true",
  };
}

/** Labels and annotations always change in place. */
function mayBeImmutable(path: string): boolean {
  return !/^metadata\.(labels|annotations)\b/.test(path);
}

async function immutableFields(given: Manifest, cluster: Cluster): Promise<string[]> {
  const { signal } = new AbortController();
  try {
    const live = await cluster.get(given, nameOf(given), signal);
    if (live === undefined) return [];
    await cluster.apply(given, live, { preview: true, force: true, manager: DRY_RUN_MANAGER, signal });
  } catch (error) {
    // Any other refusal is for the update itself to tell.
    if (!(error instanceof ApiError)) throw error;
    return error.causes.filter(({ message }) => message.includes(IMMUTABLE)).map(({ field }) => field);
  }
  return [];
}

/** Whether one path is the other or lies below it. */
function overlap(path: string, field: string): boolean {
  const below = (inner: string, outer: string) =>
    inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  return below(path, field) || below(field, path);
}
