import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Crd } from "../../../sandbox/crds";
import { parseCrds } from "../../../sandbox/crds/parse";

/** The official definitions that no registry carries, as test data beside the repository. */
const folder = join(__dirname, "..", "..", "..", "..", "shared", "crds");

export const noRealCrds = "there is no folder ../shared/crds with the official CRDs beside the repository";

/** The official definitions by name, or undefined where the test data is not there. */
export function realCrds(): ReadonlyMap<string, Crd> | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  const crds = files.flatMap((name) => parseCrds(readFileSync(join(folder, name), "utf8")));
  return new Map(crds.map((crd) => [crd.metadata.name, crd]));
}
