/** What a command needs to run the engine with this pack. */
import { delimiter, join } from "node:path";

export interface AttachedPack {
  /** Folder of the pack: `--policy-pack`. */
  readonly path: string;
  /** The pack's configuration, which holds the exemptions: `--policy-pack-config`. */
  readonly configFile: string;
  /** Environment in which the engine finds the pack's runner, also where Pulumi's language host is not installed. */
  environment(path?: string | undefined): { readonly PATH: string };
}

export const policyPack: AttachedPack = {
  path: __dirname,
  configFile: join(__dirname, "config.json"),
  // Last: Pulumi's own runner is used where there is one.
  environment: (path = process.env.PATH ?? "") => ({ PATH: `${path}${delimiter}${join(__dirname, "bin")}` }),
};
