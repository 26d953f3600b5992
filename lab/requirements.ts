/** What the lab needs of the machine, beyond the binaries that it gets itself. */
import { readFileSync } from "node:fs";
import { run } from "../system/run";
import { LabError } from "./errors";
import { ISOLATION } from "./isolation";
import type { Scenario } from "./scenarios/names";

/** Programs, and the Debian package of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  mount: "mount",
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
  if (process.platform !== "linux") return [`It needs Linux, and this is ${process.platform}.`];
  if (process.getuid?.() !== 0) return ["It needs root, for network namespaces: run it with sudo."];
  const programs = Object.assign({}, PROGRAMS, ...scenarios.map((name) => SCENARIO_PROGRAMS[name]));
  const missing: string[] = [];
  for (const [program, name] of Object.entries<string>(programs)) {
    const { code } = await run("sh", ["-c", `command -v ${program}`]);
    if (code !== 0)
      missing.push(`There is no ${program} on the PATH: install the package ${name} (Debian's name).`);
  }
  return missing.length > 0 ? missing : kernelRequirements();
}

/** What cannot be asked is tried, in namespaces of its own that end with the trial. */
async function kernelRequirements(): Promise<string[]> {
  const trials: [script: string, sentence: string][] = [
    [
      "true",
      "The kernel, or what confines this process, allows no new network, mount and process namespaces.",
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
  ];
  for (const [script, sentence] of trials) {
    const { code, output } = await run("unshare", [...ISOLATION, "sh", "-c", script]);
    if (code !== 0) return [`${sentence} (${output.trim().split("\n").at(-1) ?? ""})`];
  }
  return [];
}

/** Memory in MiB: the control plane, istiod and the network policies; each pod with a sidecar; each pod without; each runtime. Measured as PSS. */
const BASE_MIB = 700;
const SIDECAR_MIB = 110;
const PLAIN_MIB = 40;
const RUNTIME_MIB = 250;

export function requireMemory(pods: {
  readonly withSidecar: number;
  readonly plain: number;
  /** Agents that run for real at the same time. */
  readonly runtimes: number;
}): void {
  const needed =
    BASE_MIB + pods.withSidecar * SIDECAR_MIB + pods.plain * PLAIN_MIB + pods.runtimes * RUNTIME_MIB;
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  const available = Math.floor(Number(kib) / 1024);
  if (available >= needed) return;
  throw new LabError(
    `This topology needs about ${needed} MiB of memory in the lab (${pods.withSidecar} pods with a sidecar), and ${available} MiB are free.`,
    "Take a topology with fewer agents, or a bigger machine.",
  );
}
