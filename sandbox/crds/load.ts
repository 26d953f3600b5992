import { reasonOf, UserError } from "../../system/errors";
import { interruptible } from "../../system/interrupt";
import { type Progress, silent } from "../../system/progress";
import { Unavailable } from "../binaries/unavailable";
import type { Crd } from "./crd";
import { mirrorVariable, requiredGo, type Work, ways } from "./files";
import { type CrdGroup, crdGroups, type Source, sources } from "./groups";
import { parseCrds } from "./parse";

export interface LoadOptions {
  progress?: Progress;
  /** Which systems' definitions; all when not given. */
  groups?: readonly CrdGroup[];
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

export interface LoadedCrds {
  objects: Crd[];
  /** Where each group came from, for people. */
  sources: { group: CrdGroup; version: string; from: string; structural: boolean }[];
}

type Attempts = [way: string, why: string][];

/**
 * Loads the CustomResourceDefinitions of the systems this project talks to. Each group comes from the first of:
 * the cache, its release on GitHub, the Go module of the same tag, the stand-in written here.
 */
export async function loadCrds(options: LoadOptions = {}): Promise<LoadedCrds> {
  const { progress = silent, groups = crdGroups, env = process.env } = options;
  const failures = new Map<CrdGroup, Attempts>();
  const loaded = await interruptible(
    (signal) =>
      progress.step("CRDs", () =>
        Promise.all(
          groups.map(async (group) => {
            const attempts: Attempts = [];
            const found = await loadGroup(group, sources[group], { env, signal }, attempts);
            if (found === undefined) failures.set(group, attempts);
            return found;
          }),
        ),
      ),
    options.signal,
  );
  // In the order asked for, whichever failed first.
  const inOrder = groups.flatMap((group) => {
    const attempts = failures.get(group);
    return attempts === undefined ? [] : [[group, attempts] as const];
  });
  if (inOrder.length > 0) throw nothingWorked(new Map(inOrder));
  const found = loaded.flatMap((group) => group ?? []);
  return {
    objects: found.flatMap(({ objects }) => objects),
    sources: found.map(({ objects: _, ...source }) => source),
  };
}

type Found = LoadedCrds["sources"][number] & { objects: Crd[] };

async function loadGroup(
  group: CrdGroup,
  source: Source,
  work: Work,
  attempts: Attempts,
): Promise<Found | undefined> {
  const { version } = source;
  for (const [way, get] of ways) {
    try {
      const { texts, from } = await get(group, source, work);
      return { group, version, from, structural: false, objects: understood(texts, source) };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      attempts.push([way, error.message]);
    }
  }
  if (source.structural === undefined) return undefined;
  const from = "structural schemas of this project";
  return { group, version, from, structural: true, objects: [...source.structural] };
}

/** What cannot be checked against a pinned hash must at least be the definitions that were asked for. */
function understood(texts: string[], source: Source): Crd[] {
  let objects: Crd[];
  try {
    objects = texts.flatMap(parseCrds);
  } catch (error) {
    throw new Unavailable(`not CustomResourceDefinitions: ${reasonOf(error).split("\n")[0]}`);
  }
  const missing = (source.structural ?? [])
    .map(({ metadata }) => metadata.name)
    .filter((name) => !objects.some(({ metadata }) => metadata.name === name));
  if (missing.length > 0 || objects.length === 0) {
    throw new Unavailable(`not there: ${missing.join(", ") || "any CustomResourceDefinition"}`);
  }
  return objects;
}

function nothingWorked(failures: ReadonlyMap<CrdGroup, Attempts>): UserError {
  return new UserError(
    `Cannot get the CRDs of ${[...failures.keys()].join(", ")}. What was tried:`,
    ...[...failures].flatMap(([group, attempts]) => [
      `  ${group} ${sources[group].version}`,
      ...attempts.map(([way, why]) => `    ${way}: ${why}`),
    ]),
    "Any one of these helps:",
    `  install Go ${requiredGo} or newer, so that they come from Go modules`,
    "  let this machine reach raw.githubusercontent.com",
    `  name a mirror of it in ${mirrorVariable}`,
  );
}
