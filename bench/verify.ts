/** The proofs that need no cluster, over planned objects: planning itself is not counted. */
import { plan } from "../components/plan/plan";
import { readTopology } from "../topology";
import { Objects } from "../verify/static/objects";
import { prove } from "../verify/static/prove";
import { configurationOf, sizeOf } from "./topologies";

const SIZES = [125, 250, 500, 1000];
const RUNS = 3;

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export function benchVerify(write: (line: string) => void): void {
  write("tenants  agents  delegations  objects           cells  median ms  ms per tenant");
  for (const tenants of SIZES) {
    const size = sizeOf(tenants);
    const topology = readTopology(configurationOf(size));
    const manifests = plan(topology).map(({ manifest }) => manifest);
    let cells = 0;
    const times = Array.from({ length: RUNS }, () => {
      const start = performance.now();
      const { results, network } = prove(topology, new Objects(manifests));
      if (results.some(({ status }) => status !== "pass")) throw new Error("a proof does not hold");
      cells = network?.cells ?? 0;
      return performance.now() - start;
    });
    const ms = median(times);
    write(
      [
        tenants,
        size.agents,
        size.delegations,
        manifests.length,
        cells,
        ms.toFixed(0),
        (ms / tenants).toFixed(3),
      ]
        .map((value, index) => String(value).padStart([7, 8, 13, 9, 16, 11, 15][index] ?? 8))
        .join(""),
    );
  }
}
