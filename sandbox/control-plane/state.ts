import { z } from "zod";
import { reasonOf, UserError } from "../../system/errors";
import { processIdentity } from "../../system/processes";
import type { SandboxHome } from "./home";

/** In the order they start: each needs the ones before it. */
export const processNames = ["etcd", "kube-apiserver", "kube-controller-manager"] as const;
export type ProcessName = (typeof processNames)[number];

/** A process that was started, and a digest of everything it was started with. */
const recordSchema = processIdentity.extend({ fingerprint: z.string() });
export type ProcessRecord = z.infer<typeof recordSchema>;

const stateSchema = z.strictObject({
  port: z.int().positive().optional(),
  processes: z.partialRecord(z.enum(processNames), recordSchema),
});
export type State = z.infer<typeof stateSchema>;

/** What runs for a home, in a file, because the processes outlive the command that started them. */
export function readState(home: SandboxHome): State {
  const path = statePath(home);
  const text = home.read(path);
  if (text === undefined) return { processes: {} };
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `${path}: cannot be understood (${reasonOf(error).split("\n")[0]}), so what runs is not known.`,
      `End the processes that work in ${home.path}, remove that folder, and start again.`,
    );
  }
}

export function writeState(home: SandboxHome, state: State): void {
  home.write(statePath(home), `${JSON.stringify(state, undefined, 2)}\n`);
}

function statePath(home: SandboxHome): string {
  return `${home.run}/state.json`;
}
