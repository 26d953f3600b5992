import { AsyncLocalStorage } from "node:async_hooks";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { errorCode, fileError, UserError } from "../../system/errors";
import { makeFolder } from "../../system/files";
import { FileLock } from "../../system/lock";

/** A new etcd allocates 128 MB for its log alone; later only the database, the logs and the stack's state grow. */
const neededMegabytes = { new: 200, existing: 20 };

const markerName = ".kagent-a2a-sandbox";
const markerText = "This folder belongs to the kagent-a2a sandbox, which deletes it as a whole.\n";

/**
 * The one folder that holds everything a sandbox keeps: two folders are two sandboxes that know nothing of each
 * other.
 */
export class SandboxHome {
  readonly path: string;
  readonly kubeconfig: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
  readonly pki: string;
  readonly etcd: string;
  readonly logs: string;
  readonly run: string;
  private readonly marker: string;
  private readonly lock: FileLock;
  private removed = false;

  constructor(path: string) {
    this.path = resolve(path);
    this.kubeconfig = this.at("kubeconfig");
    this.auditPolicy = this.at("audit", "policy.yaml");
    this.auditLog = this.at("audit", "audit.log");
    this.pki = this.at("pki");
    this.etcd = this.at("etcd");
    this.logs = this.at("logs");
    this.run = this.at("run");
    this.marker = this.at(markerName);
    this.lock = new FileLock(this.at("lock"));
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  exists(): boolean {
    return existsSync(this.marker);
  }

  /** Creates the folder, or makes sure that it is a sandbox. */
  prepare(): void {
    this.writing(() => {
      makeFolder(this.path);
      const strange = readdirSync(this.path).filter((name) => !name.startsWith(markerName));
      if (!this.exists() && strange.length > 0) {
        throw new UserError(
          `${this.path}: this folder holds other files, so it cannot become a sandbox.`,
          "Choose an empty folder or one that does not exist yet.",
        );
      }
      if (!this.exists()) this.write(this.marker, markerText);
      for (const folder of [this.pki, this.etcd, this.logs, this.run, this.at("audit")]) makeFolder(folder);
      if (!existsSync(this.at(".gitignore"))) this.write(this.at(".gitignore"), "*\n");
    });
  }

  /** Throws when a control plane would soon fill the disk. */
  requireSpace(): void {
    const { bavail, bsize } = statfsSync(this.path);
    const free = Math.floor((bavail * bsize) / 1e6);
    const needed = existsSync(join(this.etcd, "data")) ? neededMegabytes.existing : neededMegabytes.new;
    if (free < needed) {
      throw new UserError(
        `${this.path}: the sandbox needs ${needed} MB, but only ${free} MB are free.`,
        "Free some space there, or choose a folder on another disk.",
      );
    }
  }

  /**
   * Runs `work` while no other command works on this folder. Inside `work` it may be called again. `purpose` is
   * the command that others are told about.
   */
  async withLock<T>(purpose: string, work: () => Promise<T>): Promise<T> {
    const held = heldFolders.getStore() ?? [];
    if (held.includes(this.path)) return work();
    this.prepare();
    this.writing(() => this.lock.acquire(purpose, this.path));
    try {
      return await heldFolders.run([...held, this.path], work);
    } finally {
      this.lock.release();
      if (this.removed) this.removeFolder();
    }
  }

  /** Deletes everything in the folder, and the folder itself when the lock is given up. Stop the processes first. */
  remove(): void {
    this.writing(() => {
      // The marker goes last: a folder that is only half deleted is still known to be a sandbox.
      const last = [this.marker, this.at("lock")];
      const paths = readdirSync(this.path).map((name) => this.at(name));
      for (const path of paths.filter((each) => !last.includes(each))) rmSync(path, { recursive: true });
      rmSync(this.marker);
      this.removed = true;
    }, "remove the sandbox");
  }

  /** Writes a whole file or nothing, readable by its owner only. */
  write(path: string, text: string): void {
    const temporary = `${path}.${process.pid}.tmp`;
    this.writing(() => {
      try {
        writeFileSync(temporary, text, { mode: 0o600 });
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    });
  }

  /** Text of a file, or undefined when there is none. */
  read(path: string): string | undefined {
    return this.writing(() => {
      try {
        return readFileSync(path, "utf8");
      } catch (error) {
        if (errorCode(error) === "ENOENT") return undefined;
        throw error;
      }
    });
  }

  /** Runs file work so that its failures are sentences about this folder. */
  writing<T>(work: () => T, doing = "keep the sandbox there"): T {
    try {
      return work();
    } catch (error) {
      throw fileError(error, doing, this.path);
    }
  }

  private removeFolder(): void {
    try {
      rmdirSync(this.path);
    } catch (error) {
      // Another command may have begun a new sandbox here the moment the lock was free.
      if (errorCode(error) !== "ENOTEMPTY" && errorCode(error) !== "ENOENT") throw error;
    }
  }
}

/** The folders that the current chain of calls holds the lock of. */
const heldFolders = new AsyncLocalStorage<readonly string[]>();
