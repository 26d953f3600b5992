import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { errorCode, fileError, UserError } from "../../system/errors";
import { makeFolder } from "../../system/files";
import { sleep } from "../../system/interrupt";
import { FileLock } from "../../system/lock";
import { identify } from "../../system/processes";

export const cacheVariable = "KAGENT_A2A_CACHE";

/** `$KAGENT_A2A_CACHE`, else a folder where the XDG Base Directory Specification wants it. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env[cacheVariable]) return env[cacheVariable];
  const base =
    env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), ".cache");
  return join(base, "kagent-a2a");
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    const { size } = statSync(path);
    return statSync(path).isFile() && size > 0;
  } catch {
    return false;
  }
}

/** One binary's place in the cache: a folder whose `bin` holds it. */
export class CacheEntry {
  readonly path: string;

  constructor(
    private readonly cache: string,
    private readonly key: string,
    name: string,
  ) {
    this.path = join(cache, key, "bin", name);
  }

  has(): boolean {
    return isExecutable(this.path);
  }

  /**
   * Lets `produce` fill an empty folder, which then becomes the entry in one step. Only one process at a time
   * works on an entry; another waits, and finds it there.
   */
  async fill(
    produce: (folder: string) => Promise<void>,
    signal: AbortSignal,
    detail: (text: string) => void,
  ): Promise<void> {
    try {
      makeFolder(this.cache);
      const lock = new FileLock(join(this.cache, `${this.key}.lock`));
      for (let other = lock.tryAcquire(this.key); other; other = lock.tryAcquire(this.key)) {
        detail(`waiting for process ${other.process.pid}, which is getting it`);
        await sleep(200, signal);
      }
      try {
        if (!this.has()) await this.fillNow(produce);
      } finally {
        lock.release();
      }
    } catch (error) {
      throw cacheError(error, this.cache);
    }
  }

  private async fillNow(produce: (folder: string) => Promise<void>): Promise<void> {
    removeLeftovers(this.cache);
    const folder = join(this.cache, `${temporaryPrefix}${process.pid}-${this.key}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    try {
      await produce(folder);
      const entry = join(this.cache, this.key);
      rmSync(entry, { recursive: true, force: true }); // an incomplete one: a complete one would have been used
      renameSync(folder, entry);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

const temporaryPrefix = ".tmp-";

/** Removes the folders of processes that were killed at work. */
function removeLeftovers(cache: string): void {
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith(temporaryPrefix))) {
    const pid = Number(name.slice(temporaryPrefix.length).split("-")[0]);
    if (pid !== process.pid && !identify(pid)) rmSync(join(cache, name), { recursive: true, force: true });
  }
}

function cacheError(error: unknown, cache: string): unknown {
  if (errorCode(error) === undefined) return error;
  const explained = fileError(error, "keep binaries there", cache);
  if (!(explained instanceof UserError)) return error;
  return new UserError(`${explained.message}`, `Another folder can be named in ${cacheVariable}.`);
}
