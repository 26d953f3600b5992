import { spawn } from "node:child_process";
import { errorCode } from "./errors";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

export interface RunResult {
  /** Exit code; undefined when the program is not there. */
  code: number | undefined;
  /** What it wrote to both its outputs. */
  output: string;
}

/** Runs a program to its end. When `signal` aborts, ends it and all its children, and throws the reason. */
export async function run(program: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    // A process group of its own, so that it can be ended together with the compilers it starts.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const onAbort = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      if (errorCode(error) !== "ESRCH") throw error;
    }
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const code = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", (error) => (errorCode(error) === "ENOENT" ? resolve(undefined) : reject(error)));
      child.once("close", (exitCode) => resolve(exitCode ?? -1));
    });
    options.signal?.throwIfAborted();
    return { code, output };
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}
