/** The end of `npm start`: the stack is verified, as far as an API server alone can answer. */

import { type CheckResult, VERIFY_LAYERS } from "../verify/result";
import { totals } from "../verify/table";
import { verify } from "../verify/verify";
import { obtainEnvoy } from "./binaries/envoy";
import type { DeployedSandbox } from "./sandbox";

/** One machine with one API server: an answer that takes longer is none. */
const TIMEOUT_S = 30;

/** @throws CannotRun */
export async function verifySandbox({ topology, plane, stack }: DeployedSandbox): Promise<CheckResult[]> {
  const [outputs, info, envoy] = await Promise.all([stack.outputs(), stack.info(), obtainEnvoy()]);
  return verify({
    topology,
    cluster: { kubeconfig: plane.kubeconfigPath },
    deployed: {
      outputs: Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value])),
      lastResult: info?.result,
    },
    envoy,
    timeoutSeconds: TIMEOUT_S,
  });
}

/** By layer how many checks passed; each failure; and once each what this machine cannot answer. */
export function verification(results: readonly CheckResult[]): string[] {
  const passes = VERIFY_LAYERS.map((layer) => {
    const count = results.filter((result) => result.layer === layer && result.status === "pass").length;
    return count > 0 ? `${layer} ${count}` : "";
  }).filter((text) => text !== "");
  const failures = results
    .filter(({ status }) => status === "fail")
    .map(({ layer, subject, detail }) => `  FAILED ${layer}: ${subject}: ${detail}`);
  const open = results
    .filter(({ status }) => status === "not answerable")
    .map(({ layer, check, detail }) => `  not answerable here: ${layer}: ${check} (${detail})`);
  return [`Verified: ${totals(results)}`, `  passed: ${passes.join(", ")}`, ...failures, ...new Set(open)];
}
