/** What `verify` said of the lab, for a terminal. */
import { table, totals } from "../verify/table";
import type { VerifyReport } from "./report";

export function printVerify({ results, controls }: VerifyReport): string {
  return [
    `Verify, with the lab for its cluster: ${totals(results)}`,
    ...table(results).map((line) => `  ${line}`),
    ...controls.map(({ change, expected, failed, isFound }) =>
      isFound
        ? `  found, by trying: ${change} (${expected})`
        : `  NOT found: ${change}; what failed is ${failed.join(", ") || "nothing"}`,
    ),
  ].join("\n");
}
