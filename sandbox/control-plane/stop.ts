import { interruptible } from "../../system/interrupt";
import { type Progress, silent } from "../../system/progress";
import type { SandboxHome } from "./home";
import { Processes } from "./processes";
import type { ProcessName } from "./state";

/**
 * Ends the processes this home's records name, and no other; returns which ones ran. The data stays. Once begun it
 * goes to its end, whatever signal comes.
 */
export async function stopControlPlane(
  home: SandboxHome,
  progress: Progress = silent,
): Promise<ProcessName[]> {
  if (!home.exists()) return [];
  return home.withLock("stop", () =>
    interruptible(() => progress.step("stopping the control plane", () => new Processes(home).endAll())),
  );
}
