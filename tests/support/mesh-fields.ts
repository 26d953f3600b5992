/** Names of the fields of Istio's MeshConfig and ProxyConfig, which a chart passes on without looking at them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { moduleFolder } from "./charts";

/** In the spelling of YAML. Source: the protocol definitions in the module istio.io/api that istiod 1.31.0 is built with. */
export async function meshFields(): Promise<ReadonlySet<string>> {
  const folder = join(await moduleFolder("istio.io/api", "istio"), "mesh/v1alpha1");
  const names = ["config.proto", "proxy.proto"].flatMap((file) =>
    [
      ...readFileSync(join(folder, file), "utf8").matchAll(
        /^\s+(?:[\w.]+|map<.*>|repeated [\w.]+) (\w+) = \d+/gm,
      ),
    ].map(([, name = ""]) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())),
  );
  return new Set(names);
}
