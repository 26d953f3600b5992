import { basename, delimiter, dirname, isAbsolute, join } from "node:path";
import { UserError } from "../../system/errors";
import { interruptible } from "../../system/interrupt";
import { type Progress, silent } from "../../system/progress";
import { build } from "./build";
import { CacheEntry, cacheFolder, isExecutable } from "./cache";
import { type BinaryName, entryOf } from "./catalogue";
import { download, type Work } from "./download";
import type { Entry } from "./entry";
import { type Attempts, nothingWorked } from "./failure";
import { currentPlatform, type Platform } from "./platform";
import { Unavailable } from "./unavailable";

/** A binary that can be run. */
export interface Binary {
  path: string;
  from: "variable" | "PATH" | "cache" | "download" | "build";
}

/** What `obtain` returns: every binary asked for; kubectl only where there is one. */
export type Obtained<N extends BinaryName> = { [K in Exclude<N, "kubectl">]: Binary } & {
  [K in Extract<N, "kubectl">]?: Binary;
};

export interface ObtainOptions {
  progress?: Progress;
  signal?: AbortSignal;
  env?: NodeJS.ProcessEnv;
}

/**
 * Finds or fetches binaries. Each comes from the first of: the path in its variable, the cache, the publisher's
 * release, a build from source; the last two go into the cache.
 */
export async function obtain<const N extends BinaryName>(
  names: readonly N[],
  options: ObtainOptions = {},
): Promise<Obtained<N>> {
  const platform = currentPlatform();
  const tried = new Map<BinaryName, Attempts>(names.map((name) => [name, []]));
  const found: Partial<Record<BinaryName, Binary>> = {};
  await interruptible(async (signal) => {
    // One that fails for good ends the others, and all have cleaned up before the error leaves.
    const failed = new AbortController();
    const eitherSignal = AbortSignal.any([signal, failed.signal]);
    await Promise.all(
      names.map(async (name) => {
        try {
          const attempts = tried.get(name) ?? [];
          const binary = await new Search(name, platform, options, eitherSignal, attempts).run();
          if (binary) found[name] = binary;
          if (binary || entryOf(name).optional) tried.delete(name);
        } catch (error) {
          failed.abort(error);
        }
      }),
    );
    failed.signal.throwIfAborted();
  }, options.signal);
  if (tried.size > 0) throw nothingWorked(tried, platform, options.env ?? process.env);
  return found as Obtained<N>;
}

/** Folder whose `bin` holds a binary: what the Automation API calls the root of a Pulumi installation. */
export function rootOf(binary: Binary): string {
  return dirname(dirname(binary.path));
}

/** The search for one binary. */
class Search {
  private readonly entry: Entry;
  private readonly env: NodeJS.ProcessEnv;
  private readonly progress: Progress;
  private readonly title: string;

  constructor(
    private readonly name: BinaryName,
    private readonly platform: Platform,
    options: ObtainOptions,
    private readonly signal: AbortSignal,
    private readonly attempts: Attempts,
  ) {
    this.entry = entryOf(name);
    this.env = options.env ?? process.env;
    this.progress = options.progress ?? silent;
    this.title = `${name} ${this.entry.version}`;
  }

  async run(): Promise<Binary | undefined> {
    const { name, entry, platform, signal } = this;
    const named = this.fromVariable() ?? (entry.optional ? this.fromPath() : undefined);
    if (named) return named;

    const cache = cacheFolder(this.env);
    const cached = new CacheEntry(cache, `${name}-${entry.version}-${platform.os}-${platform.arch}`, name);
    if (cached.has()) return { path: cached.path, from: "cache" };
    this.attempts.push(["cache", `not in ${cache}`]);

    let from: Binary["from"] = "cache";
    try {
      await this.progress.step(this.title, (detail) =>
        cached.fill(
          async (folder) => {
            from = await this.produce({ folder, env: this.env, signal, detail });
          },
          signal,
          detail,
        ),
      );
    } catch (error) {
      if (error instanceof Unavailable) return undefined;
      throw error;
    }
    return { path: cached.path, from };
  }

  private fromVariable(): Binary | undefined {
    const { variable } = this.entry;
    const path = this.env[variable];
    if (!path) {
      this.attempts.push([variable, "not set"]);
      return undefined;
    }
    const fix = `Set it to the path of ${this.name}, or unset it.`;
    if (!isAbsolute(path)) throw new UserError(`${variable}: ${path} is not an absolute path.`, fix);
    if (!isExecutable(path)) throw new UserError(`${variable}: ${path} is not a file that can be run.`, fix);
    if (this.name === "pulumi" && basename(dirname(path)) !== "bin") {
      throw new UserError(
        `${variable}: ${path} is not in a folder called "bin", where the Automation API looks for it.`,
        "Move it and the programs beside it into such a folder, or unset the variable.",
      );
    }
    return { path, from: "variable" };
  }

  private fromPath(): Binary | undefined {
    const folders = (this.env.PATH ?? "").split(delimiter).filter(isAbsolute);
    const path = folders.map((folder) => join(folder, this.name)).find(isExecutable);
    return path ? { path, from: "PATH" } : undefined;
  }

  /** Puts the binary into the folder by the first way that works. */
  private async produce(work: Work): Promise<"download" | "build"> {
    const { name, entry, platform } = this;
    const release = entry.release(platform);
    if (!release) this.attempts.push(["download", `none is published for ${platform.os}/${platform.arch}`]);
    else if (await this.attempt("download", () => download(name, entry, release, work))) return "download";

    const { build: source } = entry;
    if (!source) throw new Unavailable("no source");
    this.progress.note(`${this.title}: no download (${this.attempts.at(-1)?.[1]}), so Go builds it, once.`);
    if (await this.attempt("build", () => build(name, source, work))) return "build";
    throw new Unavailable("nothing worked");
  }

  private async attempt(way: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      this.attempts.push([way, error.message]);
      return false;
    }
  }
}
