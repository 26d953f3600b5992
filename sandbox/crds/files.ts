/** Gets the files of one group (CRDs, mostly): from the cache, the release on GitHub, or the Go module of the same tag. */
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, reasonOf, UserError } from "../../system/errors";
import { run } from "../../system/run";
import { cacheFolder } from "../binaries/cache";
import { fetchText } from "../binaries/http";
import { Unavailable } from "../binaries/unavailable";
import type { Source } from "./groups";

export interface Files {
  texts: string[];
  /** Where they came from, for people. */
  from: string;
}

export interface Work {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Base address that takes the place of GitHub's for raw files. */
export const mirrorVariable = "KAGENT_A2A_GITHUB_RAW_MIRROR";

/** Where a stand-in exists nobody should wait long for the official files. */
const standInAfterMs = 5_000;

/** The oldest Go that reads builds/crds/go.mod. */
export const requiredGo = "1.26";

const builds = join(__dirname, "..", "builds");

/** Every way to get the files, in order. Each throws `Unavailable` when it cannot. */
export const ways: readonly [
  name: string,
  get: (group: string, source: Source, work: Work) => Promise<Files>,
][] = [
  ["cache", fromCache],
  ["download", fromRelease],
  ["Go module", fromGoModule],
];

async function fromCache(group: string, source: Source, { env }: Work): Promise<Files> {
  const folder = cacheOf(group, source, env);
  return { texts: await readFolder(folder, source), from: "cache" };
}

async function fromRelease(group: string, source: Source, { env, signal }: Work): Promise<Files> {
  const base = (env[mirrorVariable] || "https://raw.githubusercontent.com").replace(/\/+$/, "");
  const folder = `${base}/${source.repository}/${source.tag}/${source.folder}`;
  const late = source.structural ? AbortSignal.timeout(standInAfterMs) : undefined;
  const eitherSignal = late ? AbortSignal.any([signal, late]) : signal;
  const entries = Object.entries(source.files);
  const fetchOne = async ([name, sha256]: [string, string | undefined]): Promise<string> => {
    const url = `${folder}/${name}`;
    const text = await fetchText(url, eitherSignal);
    if (sha256 !== undefined && digest(text) !== sha256) throw notAsReleased(url, digest(text), sha256);
    return text;
  };
  try {
    const texts = await Promise.all(entries.map(fetchOne));
    keep(cacheOf(group, source, env), Object.keys(source.files), texts);
    return { texts, from: `${source.repository} ${source.tag} on GitHub` };
  } catch (error) {
    signal.throwIfAborted();
    if (late?.aborted) throw new Unavailable(`${folder}: not there within ${standInAfterMs / 1_000} s`);
    throw error;
  }
}

async function fromGoModule(group: string, source: Source, { env, signal }: Work): Promise<Files> {
  if (source.goModule === undefined) throw new Unavailable("none has them");
  const { code, output } = await run("go", ["mod", "download", "-json", source.goModule], {
    cwd: join(builds, source.build ?? "crds"),
    // What the user has set for other projects must not change what is downloaded.
    env: { ...env, GOFLAGS: "-mod=readonly", GOWORK: "off" },
    signal,
  });
  if (code === undefined) throw new Unavailable("Go is not on the PATH");
  // Other lines may stand around the JSON object: warnings go to the same output.
  const json = output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1);
  const answer = code === 0 || json !== "" ? parseDownload(json) : {};
  if (answer.Dir === undefined) {
    const why = answer.Error ?? output.trim().split("\n").at(-1) ?? "";
    throw new Unavailable(`"go mod download ${source.goModule}" failed: ${why.trim()}`);
  }
  const texts = await readFolder(join(answer.Dir, source.folder), source);
  keep(cacheOf(group, source, env), Object.keys(source.files), texts);
  return { texts, from: `Go module ${source.goModule} v${source.version}` };
}

/** Source: go.dev/ref/mod#go-mod-download. */
function parseDownload(json: string): { Dir?: string; Error?: string } {
  try {
    return JSON.parse(json) as { Dir?: string; Error?: string };
  } catch {
    return {};
  }
}

/** All files of a folder that are what they should be, or none. */
async function readFolder(folder: string, source: Source): Promise<string[]> {
  return Promise.all(
    Object.entries(source.files).map(async ([name, sha256]) => {
      const path = join(folder, name);
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        throw new Unavailable(
          errorCode(error) === "ENOENT" ? `not in ${folder}` : `${path}: ${reasonOf(error)}`,
        );
      });
      if (sha256 !== undefined && digest(text) !== sha256)
        throw new Unavailable(`${path}: its content was changed`);
      return text;
    }),
  );
}

function cacheOf(group: string, source: Source, env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), "crds", `${group}-${source.version}`);
}

/** Remembers the files. A cache that cannot be written costs time, not correctness. */
function keep(folder: string, names: string[], texts: string[]): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [index, name] of names.entries()) {
      const temporary = join(folder, `.${name}.${process.pid}`);
      try {
        writeFileSync(temporary, texts[index] ?? "");
        renameSync(temporary, join(folder, name));
      } finally {
        rmSync(temporary, { force: true });
      }
    }
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function notAsReleased(url: string, actual: string, expected: string): UserError {
  return new UserError(
    `${url} is not what was released, so it was thrown away.`,
    `  its SHA-256 is ${actual}`,
    `  expected is    ${expected}`,
    `Find out what changes files on the way (a proxy or a mirror), or unset ${mirrorVariable}.`,
  );
}
