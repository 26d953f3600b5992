/** Istio's template of Envoy's bootstrap configuration, which pilot-agent fills in. Images carry it beside the binary. */
import { Unavailable } from "../../sandbox/binaries/unavailable";
import { ways } from "../../sandbox/crds/files";
import type { Source } from "../../sandbox/crds/groups";
import { versions } from "../../sandbox/versions";
import { LabError } from "../errors";

const source: Source = {
  version: versions.istio,
  repository: "istio/istio",
  tag: versions.istio,
  folder: "tools/packaging/common",
  goModule: "istio.io/istio",
  build: "istio",
  files: {
    "envoy_bootstrap.json": "d3a3fe34ac9f314ddd5e6db9c049d8deb405f6088ae398608f85a3d7007c7c28",
  },
};

/** Text of the template, from the first of: the cache, the release on GitHub, the Go module. */
export async function obtainBootstrap(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const attempts: string[] = [];
  for (const [way, get] of ways) {
    try {
      const { texts } = await get("envoy-bootstrap", source, { env, signal });
      return texts[0] ?? "";
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      attempts.push(`  ${way}: ${error.message}`);
    }
  }
  throw new LabError("Istio's bootstrap template for Envoy cannot be had. What was tried:", ...attempts);
}
