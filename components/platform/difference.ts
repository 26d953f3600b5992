/** What changes between the Helm releases of two configurations, in words for a reviewer. No value is shown: one may be a secret. */
import { isDeepStrictEqual } from "node:util";
import type { Topology } from "../../topology/index";
import { type PlannedRelease, releases } from "./index";

type Tree = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Paths at which two trees differ: `controllerManager.replicas`. */
function changedPaths(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isMap(before) || !isMap(after)) return [path.join(".")];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => changedPaths(before[key], after[key], [...path, key]));
}

function changesOf(before: PlannedRelease, after: PlannedRelease): string[] {
  const texts = (["version", "repository"] as const)
    .filter((key) => before[key] !== after[key])
    .map((key) => `${key} ${before[key]} -> ${after[key]}`);
  const values = changedPaths(before.values, after.values);
  return [...texts, ...(values.length > 0 ? [`values ${values.join(", ")}`] : [])];
}

/** @param before undefined for a stack that is new */
export function releaseDifference(before: Topology | undefined, after: Topology): string[] {
  const old = new Map(
    (before === undefined ? [] : releases(before)).map((release) => [release.key, release]),
  );
  const now = new Map(releases(after).map((release) => [release.key, release]));
  const title = ({ namespace, name }: PlannedRelease) => `${namespace}/${name}`;
  return [
    ...[...now.values()].flatMap((release) => {
      const known = old.get(release.key);
      if (known === undefined) return [`added ${title(release)}, chart ${release.chart} ${release.version}`];
      const changes = changesOf(known, release);
      return changes.length === 0 ? [] : [`changed ${title(release)}: ${changes.join("; ")}`];
    }),
    ...[...old.values()]
      .filter(({ key }) => !now.has(key))
      .map((release) => `removed ${title(release)}, chart ${release.chart}`),
  ];
}
