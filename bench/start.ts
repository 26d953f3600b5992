/** `npm start` from its first line to its last, in a folder of its own: a first time, and a second one that changes nothing. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { CommandError, ROOT } from "../commands/shared";
import { peakMemory } from "./memory";
import { withHome } from "./stack";

/** Seconds until the command has ended. */
function up(folder: string): Promise<number> {
  const start = performance.now();
  const args = ["--import", "tsx", join(ROOT, "sandbox", "cli.ts"), "up", "--home", folder];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve((performance.now() - start) / 1000);
      else reject(new CommandError(`npm start ended with exit code ${code}.`));
    });
  });
}

export async function benchStart(write: (line: string) => void): Promise<void> {
  await withHome("start", async ({ path }) => {
    for (const title of ["first", "second"]) {
      const [seconds, peak] = await peakMemory(path, () => up(path));
      write(`${title} start: ${seconds.toFixed(1)} s, at most ${peak ?? "an unknown number of"} MiB`);
    }
  });
}
