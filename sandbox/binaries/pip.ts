/** Wheels from PyPI, by pip and by hash: nothing of them is built or run here. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../system/run";

export interface Wheels {
  /** Program that runs Python. */
  readonly python: string;
  /** Text of a requirements file: every package with its version and its hashes. */
  readonly requirements: string;
  /** Folder of the cache, and the name that the packages get there. */
  readonly cache: string;
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Puts the packages into the cache, all at once or not at all. Returns why it could not. */
export async function installWheels(wheels: Wheels): Promise<string | undefined> {
  const { python, requirements, cache, entry, env, signal } = wheels;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, ".pip-"));
  try {
    const file = join(folder, "requirements.txt");
    writeFileSync(file, requirements);
    const target = join(folder, "packages");
    const pip = "-m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all:".split(" ");
    const args = [...pip, "--require-hashes", "--target", target, "--requirement", file];
    const { code, output } = await run(python, args, { env, ...(signal && { signal }) });
    if (code === undefined) return `there is no ${python} on the PATH`;
    if (code !== 0) return `pip cannot install it: ${lastError(output)}`;
    rmSync(join(cache, entry), { recursive: true, force: true });
    renameSync(target, join(cache, entry));
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastError(output: string): string {
  const lines = output.trim().split("\n");
  return lines.filter((line) => line.startsWith("ERROR:")).at(-1) ?? lines.at(-1) ?? "";
}
