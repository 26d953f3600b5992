/** The sandbox's command as a process of its own, in a process group of its own like in a terminal. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class SandboxCommand {
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, ["--import", "tsx", join(root, "sandbox", "cli.ts"), ...args], {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      this.child[name]?.setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      // Not `close`: an engine that outlives a killed command holds the pipes open.
      this.child.once("exit", (code) => setImmediate(() => resolve({ code, ...texts })));
    });
  }

  get pid(): number {
    assert.ok(this.child.pid !== undefined);
    return this.child.pid;
  }

  /** What a terminal does: the signal reaches the command and everything that it runs in the foreground. */
  interrupt(): void {
    process.kill(-this.pid, "SIGINT");
  }

  kill(): void {
    process.kill(this.pid, "SIGKILL");
  }

  /** Waits for something that the command does; fails when it ends first. */
  async until(happened: () => boolean): Promise<void> {
    let ended: Ended | undefined;
    void this.ended.then((result) => {
      ended = result;
    });
    while (!happened()) {
      if (ended !== undefined) assert.fail(`it ended first: ${ended.stdout}${ended.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export const sandboxCommand = (...args: string[]): Promise<Ended> => new SandboxCommand(...args).ended;

/** What a user reads is sentences: no frames of a stack, no name of an error class. */
export function assertSentences(text: string): void {
  assert.doesNotMatch(text, /^\s+at |node:internal|\w+Error:/m);
}

/** Processes that know this folder, by their arguments or their environment. Only Linux tells. */
export function processesOf(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      const [command = "", environment = ""] = ["cmdline", "environ"].map((file) =>
        readIfThere(`/proc/${pid}/${file}`),
      );
      return `${command}${environment}`.includes(folder) ? [command.replaceAll("\0", " ")] : [];
    });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
