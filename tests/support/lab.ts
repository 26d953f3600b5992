/** Whether the lab can run on this machine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { obtainParts } from "../../lab/parts";
import { missingInKernel, missingPrograms } from "../../lab/requirements";
import type { Scenario } from "../../lab/scenarios/names";
import { silent } from "../../system/progress";
import { orSkip, skip, skipWithout } from "./skip";

/**
 * Gets all that the lab runs, which may take minutes of building; skips where that cannot be, or the kernel lacks something:
 * nobody can install that.
 */
export async function labOrSkip(context: Mocha.Context, ...scenarios: Scenario[]): Promise<void> {
  const programs = await missingPrograms(scenarios);
  if (programs.length > 0) skipWithout(context, programs.join(" "));
  const kernel = await missingInKernel();
  if (kernel.length > 0) skip(context, kernel.join(" "));
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-parts-"));
  try {
    await orSkip(context, () =>
      obtainParts(folder, scenarios, silent, new AbortController().signal),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
