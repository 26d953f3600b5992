/** Pure planning: from raw configuration to every manifest, in one process. */
import { plan } from "../components/plan/plan";
import { readTopology } from "../topology";
import { configurationOf, sizeOf } from "./topologies";

const SIZES = [125, 250, 500, 1000];
const RUNS = 5;

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export function benchPlanning(write: (line: string) => void): void {
  write("tenants  agents  delegations  objects  median ms  ms per tenant");
  for (const tenants of SIZES) {
    const size = sizeOf(tenants);
    const raw = configurationOf(size);
    let objects = 0;
    const times = Array.from({ length: RUNS }, () => {
      const start = performance.now();
      objects = plan(readTopology(raw)).length;
      return performance.now() - start;
    });
    const ms = median(times);
    write(
      [tenants, size.agents, size.delegations, objects, ms.toFixed(0), (ms / tenants).toFixed(3)]
        .map((value, index) => String(value).padStart([7, 8, 13, 9, 11, 15][index] ?? 8))
        .join(""),
    );
  }
}
