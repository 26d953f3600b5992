/** A container that is this machine, for probes that need the programs of an agent's image. */
import { spawn, spawnSync } from "node:child_process";
import type { Executor, Place } from "../../verify/probes/probe";
import { skipWithout } from "./skip";

/** Remembers what stood on the command line. */
export class LocalExecutor implements Executor {
  readonly commands: string[] = [];
  run(_place: Place, [program = "", ...args]: readonly string[], input: string): Promise<string> {
    this.commands.push([program, ...args].join(" "));
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
      });
      child.once("error", reject);
      child.once("exit", () => resolve(output));
      child.stdin.end(input);
    });
  }
}

export function skipWithoutPython(context: Mocha.Context): void {
  if (spawnSync("python3", ["--version"]).status !== 0)
    skipWithout(context, "there is no python3 on the PATH");
}
