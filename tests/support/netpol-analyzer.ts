/** Who can connect to whom according to np-guard's netpol-analyzer, which shares no code with ours. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { obtain } from "../../sandbox/binaries";
import { UserError } from "../../system/errors";
import { intervalOf, parseAddress } from "../../verify/static/addresses";
import type { Endpoint, Protocol } from "../../verify/static/network";
import type { Doc } from "../../verify/static/objects";

/** Its path, or the reason why there is none. */
export async function obtainAnalyzer(): Promise<{ path: string } | { missing: string }> {
  try {
    const { "netpol-analyzer": binary } = await obtain(["netpol-analyzer"]);
    return { path: binary.path };
  } catch (error) {
    if (error instanceof UserError) return { missing: error.message };
    throw error;
  }
}

interface Line {
  readonly src: string;
  readonly dst: string;
  readonly conn: string;
}

/** Answers for pods and IPv4 addresses outside of the cluster. */
export class Analysis {
  readonly #lines: readonly Line[];
  readonly #byPair = new Map<string, string>();
  readonly #ranges: readonly { readonly text: string; readonly first: bigint; readonly last: bigint }[];

  constructor(path: string, objects: readonly Doc[], pods: readonly Endpoint[]) {
    const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-netpol-"));
    try {
      // Documents in JSON: in YAML the analyzer takes a name such as `n` for a truth value.
      const documents = [...objects, ...pods.map(podObject)].map((one) => `---\n${JSON.stringify(one)}\n`);
      writeFileSync(join(folder, "all.yaml"), documents.join(""));
      const args = ["list", "--dirpath", folder, "-o", "json", "-q"];
      const { status, stdout, stderr } = spawnSync(path, args, { encoding: "utf8", maxBuffer: 1 << 28 });
      if (status !== 0) throw new Error(`netpol-analyzer failed: ${stderr}`);
      this.#lines = JSON.parse(stdout) as Line[];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    for (const { src, dst, conn } of this.#lines) this.#byPair.set(`${src} ${dst}`, conn);
    const ends = new Set(this.#lines.flatMap(({ src, dst }) => [src, dst]));
    this.#ranges = [...ends].flatMap((text) => {
      const [first, last, ...rest] = text.split("-");
      if (!/^[\d.]+-[\d.]+$/.test(text) || first === undefined || last === undefined || rest.length > 0)
        return [];
      return [{ text, first: parseAddress(first).value, last: parseAddress(last).value }];
    });
  }

  /** @param from index of a pod, or an address */
  connects(
    from: number | string,
    to: number | string,
    port: number,
    protocol: Protocol,
    pods: readonly Endpoint[],
  ) {
    const [source, target] = [from, to].map((end) =>
      typeof end === "number" ? podName(end, pods[end]) : this.#range(end),
    );
    const conn = this.#byPair.get(`${source} ${target}`);
    return conn !== undefined && covers(conn, port, protocol);
  }

  /** The range of its answer that holds the address; it may have none for what reaches nobody. */
  #range(address: string): string | undefined {
    const { value } = parseAddress(address);
    return this.#ranges.find(({ first, last }) => first <= value && value <= last)?.text;
  }
}

const podName = (index: number, end: Endpoint | undefined): string =>
  `${end?.pod?.namespace}/pod-${index}[Pod]`;

function podObject({ pod }: Endpoint, index: number): Doc {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `pod-${index}`, namespace: pod?.namespace, labels: pod?.labels },
    spec: { containers: [{ name: "main", image: "example.com/main:1" }] },
    status: { hostIP: "192.0.2.1", podIPs: [{ ip: "192.0.2.2" }] },
  };
}

/** `All Connections`, or `TCP 53,8000-9000,UDP 53,SCTP 1-65535`. */
function covers(conn: string, port: number, protocol: Protocol): boolean {
  if (conn === "All Connections") return true;
  let current = "";
  for (const part of conn.split(",")) {
    const [head = "", tail] = part.trim().split(" ");
    if (tail !== undefined) current = head;
    const [first = 0, last = first] = (tail ?? head).split("-").map(Number);
    if (current === protocol && first <= port && port <= last) return true;
  }
  return false;
}

/** Whether a policy speaks of IPv4 only: the analyzer knows no other addresses. */
export function isIpv4(cidr: string): boolean {
  return intervalOf(cidr).family === 4;
}
