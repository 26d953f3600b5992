/**
 * The node: pods as network namespaces, each with an address of its own on a routed pair of virtual Ethernet devices, and a
 * queue through which every packet between them passes. All of it lives in the lab's own network namespace, where nothing
 * of the machine is: no address, bridge or rule can collide with one of the host, and the kernel removes everything when
 * the lab's last process ends.
 */
import { writeFileSync } from "node:fs";
import { run } from "../../system/run";
import { LabError } from "../errors";

/** Link-local next hop of every pod, as Calico does it: pods need no common subnet. */
export const NEXT_HOP = "169.254.1.1";
/** Where the node itself answers pods (the kubelet's and the API server's address in a cluster). */
export const NODE_ADDRESS = "10.244.0.1";
/** Number of the netfilter queue that kube-network-policies reads (its default). */
const QUEUE = "100";

export async function command(program: string, ...args: string[]): Promise<string> {
  const { code, output } = await run(program, args);
  if (code !== 0) throw new LabError(`"${[program, ...args].join(" ")}" failed: ${output.trim()}`);
  return output;
}

const ip = (...args: string[]) => command("ip", ...args);

/** Starts a program inside a pod's network namespace. */
export const inPod = (wire: Wire, program: string, args: readonly string[]): [string, string[]] => [
  "nsenter",
  [`--net=/run/netns/${wire.name}`, program, ...args],
];

/** One pod's end of the network. */
export interface Wire {
  /** Name of the network namespace. */
  readonly name: string;
  readonly address: string;
}

export class Wires {
  private devices = 0;
  private next = 10;
  private enforcing = false;

  private constructor(private readonly taken: ReadonlySet<string>) {}

  /**
   * Turns the network namespace that this process is in into a node.
   * @param taken addresses that no pod may have
   */
  static async lay(taken: readonly string[]): Promise<Wires> {
    await ip("link", "set", "lo", "up");
    await ip("address", "add", `${NODE_ADDRESS}/32`, "dev", "lo");
    writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
    // From the beginning, as on every node: the kernel tracks connections only where a rule asks for it, and takes one that it has
    // not seen begin for a new one of whoever sends next, such as of istiod to a pod.
    await forward("-A", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT");
    return new Wires(new Set(taken));
  }

  /** An address that no pod has yet, in the range 10.244.0.0/16. */
  freeAddress(): string {
    const number = this.next++;
    const address = `10.244.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
    return this.taken.has(address) ? this.freeAddress() : address;
  }

  async plug(name: string, address: string): Promise<Wire> {
    const device = `v${this.devices++}`;
    await ip("netns", "add", name);
    await ip("link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", name);
    await ip("address", "add", `${NEXT_HOP}/32`, "dev", device);
    await ip("link", "set", device, "up");
    await ip("route", "add", `${address}/32`, "dev", device, "src", NODE_ADDRESS);
    const inside = (...args: string[]) => ip("-n", name, ...args);
    await inside("link", "set", "lo", "up");
    await inside("address", "add", `${address}/32`, "dev", "eth0");
    await inside("link", "set", "eth0", "up");
    await inside("route", "add", `${NEXT_HOP}/32`, "dev", "eth0");
    await inside("route", "add", "default", "via", NEXT_HOP, "dev", "eth0");
    return { name, address };
  }

  /** Whether NetworkPolicies are in force: every new connection between pods passes through the queue, or none does. */
  async enforce(wanted: boolean): Promise<void> {
    if (wanted === this.enforcing) return;
    await forward(wanted ? "-A" : "-D", "-j", "NFQUEUE", "--queue-num", QUEUE);
    this.enforcing = wanted;
  }
}

const forward = (order: "-A" | "-D", ...rule: string[]) =>
  command("iptables", "-w", order, "FORWARD", ...rule);
