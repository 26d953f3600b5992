/** What the lab needs of the machine, beyond the binaries that it gets itself. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../system/run";
import { LabError } from "./errors";
import { inside } from "./isolation";
import type { Scenario } from "./scenarios/names";

/** Programs, and the Debian package of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  mount: "mount",
  readlink: "coreutils",
  ip: "iproute2",
  ss: "iproute2",
  iptables: "iptables",
};

/** What only some scenarios need. */
const SCENARIO_PROGRAMS: Partial<Record<Scenario, Readonly<Record<string, string>>>> = {
  runtimes: { openssl: "openssl", setpriv: "util-linux" },
  verify: { python3: "python3", setpriv: "util-linux" },
};

/** What stands in the way, as sentences; empty where the lab can run. */
export async function missingRequirements(scenarios: readonly Scenario[] = []): Promise<string[]> {
  const missing = await missingPrograms(scenarios);
  return missing.length > 0 ? missing : missingInKernel();
}

/** What whoever runs the lab can provide. */
export async function missingPrograms(scenarios: readonly Scenario[]): Promise<string[]> {
  if (process.platform !== "linux") return [`It needs Linux, and this is ${process.platform}.`];
  if (process.getuid?.() !== 0) return ["It needs root, for network namespaces: run it with sudo."];
  const programs = Object.assign({}, PROGRAMS, ...scenarios.map((name) => SCENARIO_PROGRAMS[name]));
  const missing: string[] = [];
  for (const [program, name] of Object.entries<string>(programs)) {
    const { code } = await run("sh", ["-c", `command -v ${program}`]);
    if (code !== 0)
      missing.push(`There is no ${program} on the PATH: install the package ${name} (Debian's name).`);
  }
  return missing;
}

/** Ends when the kernel has ended a connection on order. */
const KILLED_CONNECTION = `
const server = require("net").createServer().listen(0, "127.0.0.1", () => {
  const client = require("net").connect(server.address().port, "127.0.0.1", () => {
    client.on("error", () => process.exit(0));
    require("child_process").spawnSync("ss", ["-K", "-H", "dst", "127.0.0.1"]);
    setTimeout(() => { console.log("the connection goes on"); process.exit(1); }, 2000);
  });
});`;

/** What cannot be asked is tried, in namespaces of its own that end with the trial. */
export async function missingInKernel(): Promise<string[]> {
  const trials: [script: string, sentence: string][] = [
    [
      "echo > /etc/resolv.conf",
      "The kernel, or what confines this process, allows no network, mount and process namespaces with a /run and an /etc/resolv.conf of their own.",
    ],
    [
      "ip link add veth0 type veth peer name veth1",
      "The kernel has no virtual Ethernet devices (CONFIG_VETH): the lab cannot connect its pods.",
    ],
    [
      "iptables -A FORWARD -j NFQUEUE --queue-num 100",
      "The kernel has no queue target (CONFIG_NETFILTER_XT_TARGET_NFQUEUE): no network policy could judge a packet.",
    ],
    [
      "iptables -t nat -A OUTPUT -p tcp -m owner --uid-owner 0 -j REDIRECT --to-ports 15001",
      "The kernel cannot redirect by user (CONFIG_NETFILTER_XT_TARGET_REDIRECT, XT_MATCH_OWNER): no sidecar could intercept traffic.",
    ],
    [
      `ip link set lo up && exec "$0" -e '${KILLED_CONNECTION}'`,
      "The kernel ends no connections on order (CONFIG_INET_DIAG_DESTROY, for ss -K): requests would go on over those that other rules have let in.",
    ],
  ];
  for (const [script, sentence] of trials) {
    const { code, output } = await run("unshare", inside("sh", "-c", script, process.execPath));
    if (code !== 0) return [`${sentence} (${output.trim().split("\n").at(-1) ?? ""})`];
  }
  return [];
}

/** Memory in MiB: the control plane, istiod and the network policies; each pod with a sidecar; each pod without; each runtime; the engine with all of its processes. Measured as PSS. */
const BASE_MIB = 700;
const SIDECAR_MIB = 110;
const PLAIN_MIB = 40;
const RUNTIME_MIB = 250;
const ENGINE_MIB = 800;

export function requireMemory(pods: {
  readonly withSidecar: number;
  readonly plain: number;
  /** Agents that run for real at the same time. */
  readonly runtimes: number;
  readonly withEngine: boolean;
}): void {
  const needed =
    BASE_MIB +
    pods.withSidecar * SIDECAR_MIB +
    pods.plain * PLAIN_MIB +
    pods.runtimes * RUNTIME_MIB +
    (pods.withEngine ? ENGINE_MIB : 0);
  const available = freeMiB();
  if (available >= needed) return;
  throw new LabError(
    `This topology needs about ${needed} MiB of memory in the lab (${pods.withSidecar} pods with a sidecar), and ${available} MiB are free.`,
    "Take a topology with fewer agents, or a bigger machine.",
  );
}

/** The machine's, or what the control group of this process leaves (version 2), if that is less. */
function freeMiB(): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  const group = /^0::(.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
  const [most, used] = ["memory.max", "memory.current"].map((name) => {
    const path = join("/sys/fs/cgroup", group ?? "", name);
    return existsSync(path) ? Number(readFileSync(path, "utf8")) : Number.NaN;
  });
  const left = ((most ?? 0) - (used ?? 0)) / 1024 ** 2;
  const free = Number(kib) / 1024;
  return Math.floor(Number.isNaN(left) ? free : Math.min(free, left));
}
