/** What a run of the engine leaves behind when it is interrupted or killed, and how the next run gets over it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Deployment, Stack } from "@pulumi/pulumi/automation";
import { UserError } from "../system/errors";
import { sleep } from "../system/interrupt";
import { identify } from "../system/processes";
import type { Progress } from "../system/progress";
import type { SandboxHome } from "./control-plane";

/** The program's own Kubernetes provider reads it: an object that is there already is taken over, not an error. */
export const ADOPT_EXISTING = { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" };
const ENGINE_ENDS_WITHIN_MS = 60_000;

interface Repair {
  readonly home: SandboxHome;
  /** Folder of the engine's file backend. */
  readonly backend: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** The sandbox's own lock must be held: then an engine's lock can only be of a command that was killed. */
export async function repairStack(stack: Stack, { home, backend, progress, signal }: Repair): Promise<void> {
  const locks = engineLocks(backend);
  if (locks.length > 0) {
    // The command was killed, but its engine may still be finishing what it had begun.
    const pids = locks.flatMap((file) => pidIn(home.read(file)));
    await progress.step("waiting for the engine of an earlier run", () => untilEnded(pids, signal));
    if (engineLocks(backend).length > 0) await stack.cancel();
  }
  const hasPending = await forgetPendingOperations(stack, home, backend);
  if (locks.length === 0 && !hasPending && !(await hasFailed(stack, home, backend))) return;
  stack.workspace.envVars = { ...stack.workspace.envVars, ...ADOPT_EXISTING };
  progress.note("The last run did not succeed: what it had begun is taken over.");
}

/** A run that was interrupted gave up requests whose objects may be there all the same; the state knows nothing of them. */
async function hasFailed(stack: Stack, home: SandboxHome, backend: string): Promise<boolean> {
  if (!stateOf(stack, home, backend)?.includes('"urn"')) return false;
  const last = await stack.info();
  return last?.result !== "succeeded";
}

function stateOf(stack: Stack, home: SandboxHome, backend: string): string | undefined {
  return home.read(join(backend, ".pulumi", "stacks", "kagent-a2a", `${stack.name}.json`));
}

function engineLocks(backend: string): string[] {
  const folder = join(backend, ".pulumi", "locks");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
}

function pidIn(lock: string | undefined): number[] {
  try {
    const { pid } = JSON.parse(lock ?? "") as { pid?: unknown };
    return typeof pid === "number" ? [pid] : [];
  } catch {
    return [];
  }
}

async function untilEnded(pids: readonly number[], signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + ENGINE_ENDS_WITHIN_MS;
  for (const pid of pids) {
    while (identify(pid) !== undefined) {
      if (Date.now() > deadline)
        throw new UserError(
          `The engine of an earlier run (process ${pid}) still works on this sandbox.`,
          "Wait until it has ended, or end it, and try again.",
        );
      await sleep(100, signal);
    }
  }
}

/**
 * The engine notes what it is about to do before it does it. Notes that are left over say that nobody knows how those
 * operations ended; on a cluster that only this stack deploys to, doing them again settles it.
 */
async function forgetPendingOperations(stack: Stack, home: SandboxHome, backend: string): Promise<boolean> {
  if (!stateOf(stack, home, backend)?.includes('"pending_operations"')) return false;
  const exported = await stack.exportStack();
  const { pending_operations: pending = [], ...deployment } = exported.deployment as {
    pending_operations?: readonly unknown[];
  };
  if (pending.length === 0) return false;
  await stack.importStack({ ...exported, deployment } as Deployment);
  return true;
}
