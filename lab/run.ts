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
import type { MutationChoice } from "./scenarios/mutations";
import type { Scenario } from "./scenarios/names";
import { requireAddresses, requireTopology } from "./scenarios/preconditions";

export interface LabOptions {
  /** Raw configuration, as below `kagent-a2a:` in a stack file. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly scenarios: readonly Scenario[];
  /** One mutation of each sort unless told. */
  readonly mutations?: MutationChoice;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Runs the scenarios and takes everything down again, whatever happens. */
export async function runLab(options: LabOptions): Promise<LabReport> {
  const { configuration, scenarios, mutations = { ofASort: 1 }, progress = silent } = options;
  const topology = readTopology(configuration);
  requireTopology(topology, scenarios);
  const actors = cast(topology).filter(({ part }) => part === undefined);
  requireAddresses(actors);
  const withSidecar = actors.filter(({ mesh }) => mesh !== "none").length;
  const missing = await missingRequirements(scenarios);
  if (missing.length > 0) throw new LabError("The lab cannot run on this machine.", ...missing);
  requireMemory({
    withSidecar,
    plain: actors.length - withSidecar,
    runtimes: scenarios.includes("runtimes") ? 2 : 0,
    withEngine: scenarios.includes("drift"),
  });
  return interruptible(async (signal) => {
    const folder = temporaryFolder();
    try {
      const parts = await obtainParts(folder, scenarios, progress, signal);
      const password = randomBytes(32).toString("hex");
      const order: Order = { configuration, scenarios, mutations, parts, folder, password };
      return await progress.step("lab", (detail) =>
        runInside<Order, LabReport>(join(__dirname, "inside.ts"), order, { signal, onNote: detail }),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, options.signal);
}
