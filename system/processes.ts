import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, UserError } from "./errors";
import { sleep } from "./interrupt";

/** One process of this machine for all time: numbers are reused, a number with its start time is not. */
export const processIdentity = z.strictObject({ pid: z.int().positive(), started: z.string() });
export type ProcessIdentity = z.infer<typeof processIdentity>;

/** Identity of the running process `pid`, or undefined when there is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === "linux" ? startedOnLinux(pid) : startedElsewhere(pid);
  return started === undefined ? undefined : { pid, started };
}

export const self: ProcessIdentity = identify(process.pid) ?? { pid: process.pid, started: "unknown" };

export function isRunning(wanted: ProcessIdentity): boolean {
  return identify(wanted.pid)?.started === wanted.started;
}

/**
 * Start time in clock ticks since boot (field 22 of proc_pid_stat(5)), which is only unique together with the
 * boot. The command (field 2) may hold spaces and parentheses, so fields are counted from its last one.
 */
function startedOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, threads, started] = [fields[0], fields[17], fields[19]];
    // A zombie has ended. But its other threads may still be ending, and until then its ports are taken.
    if (state === "X" || (state === "Z" && Number(threads) <= 1)) return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}/${started}`;
  } catch (error) {
    // The process may end between opening and reading.
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ESRCH") return undefined;
    throw error;
  }
}

function startedElsewhere(pid: number): string | undefined {
  try {
    const line = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    const [state, ...started] = line.split(/\s+/);
    return state === undefined || state === "" || state.startsWith("Z") ? undefined : started.join(" ");
  } catch {
    return undefined; // ps ends with 1 when there is no such process
  }
}

/**
 * Ends a process: asks, waits at most `graceMs`, then kills. Never touches another process that has since got
 * the same number. Returns when it is gone.
 */
export async function terminate(target: ProcessIdentity, graceMs = 10_000): Promise<void> {
  for (const [signal, waitMs] of [["SIGTERM", graceMs] as const, ["SIGKILL", 5_000] as const]) {
    if (!isRunning(target)) return;
    try {
      process.kill(target.pid, signal);
    } catch (error) {
      if (errorCode(error) !== "ESRCH") throw error;
    }
    const deadline = Date.now() + waitMs;
    while (isRunning(target) && Date.now() < deadline) await sleep(25);
  }
  if (isRunning(target)) {
    throw new UserError(
      `Process ${target.pid} does not end, even when killed.`,
      "The system holds it back, often because of a disk that does not answer: restart the machine.",
    );
  }
}
