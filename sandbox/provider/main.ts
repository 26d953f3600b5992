/**
 * A Pulumi resource plugin: `main.ts <package> [flags] <engine address>`. Started by the engine through the wrapper
 * that `install.ts` writes.
 */
import { KubernetesPlugin } from "./kubernetes/plugin";
import { RandomPlugin } from "./random/plugin";
import { engineLog } from "./rpc/engine-log";
import type { Plugin } from "./rpc/plugin";
import { serve } from "./rpc/serve";
import { packageVersion, type ServedPackage } from "./versions";

function pluginFor(name: string | undefined, engine: string): Plugin {
  const version = (served: ServedPackage) => packageVersion(served);
  if (name === "kubernetes") return new KubernetesPlugin(version(name), engineLog(engine));
  if (name === "random") return new RandomPlugin(version(name));
  throw new Error(`the offline provider serves the packages kubernetes and random, not ${name}`);
}

const [name, ...rest] = process.argv.slice(2);
const engine = rest.filter((argument) => !argument.startsWith("-")).at(-1) ?? "";

serve(pluginFor(name, engine)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
