import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../system/errors";
import { sleep } from "../../system/interrupt";
import { run } from "../../system/run";
import type { Entry, Release } from "./entry";
import { fetchFile, fetchText } from "./http";
import { Transient, Unavailable } from "./unavailable";

const retryAfterMs = 500;

/** What every way of getting a binary is given. */
export interface Work {
  /** An empty folder; the binary goes into its `bin`. */
  folder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  detail: (text: string) => void;
}

/**
 * Downloads the publisher's release and checks it against the publisher's checksums. Throws `Unavailable` when it
 * cannot be had, and a `UserError` when what came is not what was published.
 */
export async function download(name: string, entry: Entry, release: Release, work: Work): Promise<void> {
  try {
    await downloadOnce(name, entry, release, work);
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    await sleep(retryAfterMs, work.signal);
    await downloadOnce(name, entry, release, work);
  }
}

async function downloadOnce(name: string, entry: Entry, release: Release, work: Work): Promise<void> {
  const base = (work.env[entry.publisher.mirrorVariable] || entry.publisher.base).replace(/\/+$/, "");
  const url = `${base}/${release.file}`;
  const checksumsUrl = `${base}/${release.checksums}`;
  const fileName = basename(release.file);

  const expected = checksumOf(fileName, await fetchText(checksumsUrl, work.signal));
  if (!expected) throw new Unavailable(`${checksumsUrl}: holds no SHA-256 of ${fileName}`);

  const file = join(work.folder, fileName);
  rmSync(file, { force: true });
  const actual = await fetchFile(url, file, work.signal, (received, total) => {
    work.detail(`download ${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""} MB`);
  });
  if (actual !== expected) {
    throw new UserError(
      `${name}: ${url} is not what its publisher released, so it was thrown away.`,
      `  its SHA-256 is ${actual}`,
      `  ${checksumsUrl} says ${expected}`,
      `Find out what changes files on the way (a proxy or a mirror), or set ${entry.variable} to a binary you trust.`,
    );
  }

  const bin = join(work.folder, "bin");
  if (release.archive) await unpack(name, file, release.archive, bin, work);
  else {
    mkdirSync(bin);
    renameSync(file, join(bin, name));
  }
}

/** The checksum of a file in a list as sha256sum(1) prints it, or in a file that holds nothing but one checksum. */
export function checksumOf(fileName: string, list: string): string | undefined {
  const lines = list.split("\n").map((line) => line.trim().split(/\s+\*?/));
  const line = lines.find(([, file]) => file === fileName) ?? (lines[0]?.length === 1 ? lines[0] : undefined);
  return line?.[0] && /^[0-9a-f]{64}$/i.test(line[0]) ? line[0].toLowerCase() : undefined;
}

async function unpack(
  name: string,
  file: string,
  archive: { folder: string; whole: boolean },
  bin: string,
  work: Work,
): Promise<void> {
  work.detail("unpacking");
  const unpacked = join(work.folder, "unpacked");
  mkdirSync(unpacked);
  // The tar of macOS reads zip files too.
  const { code, output } = await run("tar", ["-xf", file, "-C", unpacked], { signal: work.signal });
  if (code !== 0) throw new Unavailable(`${basename(file)} cannot be unpacked with tar: ${output.trim()}`);
  const binary = join(unpacked, archive.folder, name);
  if (!existsSync(binary)) {
    throw new Unavailable(`${basename(file)} holds no ${join(archive.folder, name)}`);
  }
  if (archive.whole) renameSync(dirname(binary), bin);
  else {
    mkdirSync(bin);
    renameSync(binary, join(bin, name));
  }
  rmSync(unpacked, { recursive: true, force: true });
  rmSync(file);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
