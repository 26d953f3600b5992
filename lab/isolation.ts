/**
 * The lab runs in network, mount and process namespaces of its own. The kernel ends all that is in them when their first
 * process ends, however that happens: nothing can be left behind on the machine, and nothing on it can collide.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify } from "../system/processes";
import { LabError } from "./errors";

/** For unshare(1): the first process inside is the init of the new process namespace, and dies with unshare. */
const ISOLATION = [
  "--net",
  "--mount",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
  "--propagation=private",
];

/**
 * `/run` is empty inside, so that names of network namespaces and identities of pods are the lab's own; so is DNS. What
 * `/etc/resolv.conf` is a link to may lie below `/run` (systemd-resolved), and is gone with it.
 */
const PREPARE = [
  "mount -t tmpfs tmpfs /run",
  "mkdir -p /run/lock /run/netns",
  "touch /run/lab-resolv.conf",
  "file=$(readlink -m /etc/resolv.conf)",
  'case $file in /run/*) mkdir -p "$(dirname "$file")" && touch "$file";; esac',
  'mount --bind /run/lab-resolv.conf "$file"',
  'exec "$0" "$@"',
].join(" && ");

/** Arguments of unshare(1) for a program that is to run inside. */
export const inside = (program: string, ...args: string[]): string[] => [
  ...ISOLATION,
  "sh",
  "-c",
  PREPARE,
  program,
  ...args,
];

const FOLDER = "kagent-a2a-lab-";

/** A folder for one run. Those of runs that were killed are removed. */
export function temporaryFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${FOLDER}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !identify(Number(pid)))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`));
}

/**
 * Runs a module of this folder inside, hands it `order`, and returns what it sends back. `onNote` gets what it says on the
 * way. When `signal` aborts, or the module ends without an answer, everything inside is gone when this throws.
 */
export async function runInside<Order extends object, Report>(
  module: string,
  order: Order,
  { signal, onNote }: { signal: AbortSignal; onNote: (text: string) => void },
): Promise<Report> {
  signal.throwIfAborted();
  const child = spawn("unshare", inside(process.execPath, "--import", "tsx", module), {
    cwd: join(__dirname, ".."),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // A Ctrl-C reaches this process only, which then ends the other.
    detached: true,
  });
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-4_000);
  });
  const onAbort = () => child.kill("SIGKILL");
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await answer<Order, Report>(child, order, onNote, () => words);
  } finally {
    signal.removeEventListener("abort", onAbort);
    await end(child);
  }
}

export type Message<Report> =
  | { readonly note: string }
  | { readonly report: Report }
  /** A sentence for the user, or what a fault in the lab itself says. */
  | { readonly failed: string; readonly isKnown: boolean };

function answer<Order extends object, Report>(
  child: ChildProcess,
  order: Order,
  onNote: (text: string) => void,
  words: () => string,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    child.on("message", (message: Message<Report>) => {
      if ("note" in message) onNote(message.note);
      else if ("report" in message) resolve(message.report);
      else reject(message.isKnown ? new LabError(message.failed) : new Error(message.failed));
    });
    child.once("error", reject);
    child.once("exit", (code, by) =>
      reject(new LabError(`The lab ended early (${by ?? `exit ${code}`}). It last said:`, words().trim())),
    );
    child.send(order);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exit;
}
