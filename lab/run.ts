/** A run of the lab, from outside. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { interruptible } from "../system/interrupt";
import { type Progress, silent } from "../system/progress";
import { readTopology } from "../topology";
import { cast } from "./cast";
import { LabError } from "./errors";
import type { Order } from "./inside";
import { runInside, temporaryFolder } from "./isolation";
import { obtainParts } from "./parts";
import type { LabReport } from "./report";
import { missingRequirements, requireMemory } from "./requirements";
import { delegationsToRun } from "./runtimes/objects";
import type { Scenario } from "./scenarios/names";

export interface LabOptions {
  /** Raw configuration, as below `kagent-a2a:` in a stack file. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly scenarios: readonly Scenario[];
  /** Every mutation there is, and not one of each sort. */
  readonly every?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Runs the scenarios and takes everything down again, whatever happens. */
export async function runLab(options: LabOptions): Promise<LabReport> {
  const { configuration, scenarios, every = false, progress = silent } = options;
  const topology = readTopology(configuration);
  const withRuntimes = scenarios.includes("runtimes");
  if (withRuntimes) delegationsToRun(topology);
  const actors = cast(topology).filter(({ part }) => part === undefined);
  const withSidecar = actors.filter(({ mesh }) => mesh !== "none").length;
  const missing = await missingRequirements(scenarios);
  if (missing.length > 0) throw new LabError("The lab cannot run on this machine.", ...missing);
  requireMemory({ withSidecar, plain: actors.length - withSidecar, runtimes: withRuntimes ? 2 : 0 });
  return interruptible(async (signal) => {
    const folder = temporaryFolder();
    try {
      const parts = await obtainParts(folder, withRuntimes, progress, signal);
      const password = randomBytes(32).toString("hex");
      const order: Order = { configuration, scenarios, every, parts, folder, password };
      return await progress.step("lab", (detail) =>
        runInside<Order, LabReport>(join(__dirname, "inside.ts"), order, { signal, onNote: detail }),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, options.signal);
}
