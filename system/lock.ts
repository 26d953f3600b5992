import { readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { errorCode, UserError } from "./errors";
import { isRunning, type ProcessIdentity, self } from "./processes";

interface Holder {
  process: ProcessIdentity;
  purpose: string;
}

/**
 * A lock that says who holds it. A holder that no longer runs loses it, so nothing has to be cleaned up after a
 * crash. The lock is a symbolic link whose target is the text: a link appears with its text or not at all, and
 * needs no room on a full disk.
 */
export class FileLock {
  constructor(readonly path: string) {}

  /** Takes the lock for this process; returns who holds it when that is another running one. */
  tryAcquire(purpose: string): Holder | undefined {
    for (;;) {
      try {
        symlinkSync(encode({ process: self, purpose }), this.path);
        return undefined;
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw error;
      }
      const holder = read(this.path);
      if (holder && isRunning(holder.process)) return holder;
      this.discardStale();
    }
  }

  /** Takes the lock or says, in a sentence for the user, who holds it. `what` names the thing that is locked. */
  acquire(purpose: string, what: string): void {
    const holder = this.tryAcquire(purpose);
    if (!holder) return;
    throw new UserError(
      `${what}: another "${holder.purpose}" is running (process ${holder.process.pid}).`,
      "Wait until it has finished, or end it with Ctrl-C where it runs, and try again.",
    );
  }

  release(): void {
    rmSync(this.path, { force: true });
  }

  /**
   * Moves the lock aside before deleting it and looks again: another process that found the same stale lock may
   * have replaced it with its own in the meantime, and gets it back.
   */
  private discardStale(): void {
    const aside = `${this.path}.${process.pid}.stale`;
    try {
      renameSync(this.path, aside);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return;
      throw error;
    }
    const moved = read(aside);
    if (moved && isRunning(moved.process)) {
      try {
        symlinkSync(encode(moved), this.path);
      } catch (error) {
        if (errorCode(error) !== "EEXIST") throw error;
      }
    }
    rmSync(aside, { force: true });
  }
}

function encode({ process: { pid, started }, purpose }: Holder): string {
  return `${pid}|${started}|${purpose}`;
}

/** Who holds a lock; undefined when it was released meanwhile, or is nothing this class has made. */
function read(path: string): Holder | undefined {
  try {
    const [pid, started, purpose] = readlinkSync(path).split("|");
    if (!started || !purpose) return undefined;
    return { process: { pid: Number(pid), started }, purpose };
  } catch {
    return undefined;
  }
}
