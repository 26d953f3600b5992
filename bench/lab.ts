/** The lab's matrix for stacks of growing size. It needs what `npm run lab` needs: Linux, root, and memory. */
import { isProven, type LabReport } from "../lab/report";
import { runLab } from "../lab/run";
import { LineProgress } from "../system/progress";
import { configurationOf, sizeOf } from "./topologies";

const WIDTHS = [7, 8, 13, 6, 9, 7, 9, 10];

/** @throws LabError where the machine cannot run the lab; Error where a cell is not as the graph says. */
export async function benchLab(sizes: readonly number[], write: (line: string) => void): Promise<void> {
  const row = (values: readonly (string | number)[]) =>
    write(values.map((value, index) => String(value).padStart(WIDTHS[index] ?? 0)).join(""));
  row(["tenants", "agents", "delegations", "pods", "ready s", "cells", "asked s", "peak MiB"]);
  for (const tenants of sizes) {
    const size = sizeOf(tenants);
    const report = await runLab({
      configuration: configurationOf(size),
      scenarios: ["matrix"],
      progress: new LineProgress(),
    });
    if (!isProven(report)) throw new Error(`of ${tenants} tenants, ${firstDifference(report)}`);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    row([
      tenants,
      size.agents,
      size.delegations,
      report.pods,
      report.secondsToReady.toFixed(1),
      sum(report.matrices.map(({ answers }) => answers.length)),
      sum(report.matrices.map(({ seconds }) => seconds)).toFixed(1),
      report.peakMiB,
    ]);
  }
}

function firstDifference({ matrices }: LabReport): string {
  const all = matrices.flatMap(({ fromGraph, fromEvaluators }) => [...fromGraph, ...fromEvaluators]);
  const { question, predicted, seen } = all[0] ?? { question: "a cell", predicted: "", seen: "" };
  return `${all.length} cells are not as declared, such as: ${question}: "${predicted}", seen: "${seen}"`;
}
