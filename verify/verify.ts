/** Verifies a deployed stack: the stack's word, the cluster's objects and answers, and the proofs over both. */
import { setMaxListeners } from "node:events";
import { plan } from "../components/plan/plan";
import { interruptible } from "../system/interrupt";
import { type Progress, silent } from "../system/progress";
import type { Topology } from "../topology/index";
import { type AskedModels, type Check, type Context, runCheck } from "./checks/check";
import { CHECKS } from "./checks/index";
import { liveProofs } from "./checks/proofs";
import { envoyCheck, type LocalEnvoy } from "./envoy/check";
import { CannotRun } from "./errors";
import { Api, NoAnswer } from "./live/api";
import { Cluster } from "./live/cluster";
import { type ClusterChoice, loadKubeconfig } from "./live/kubeconfig";
import { Live } from "./live/live";
import type { CheckResult, VerifyLayer } from "./result";
import { type Deployed, stackResults, tokenKeysOf } from "./stack";
import { Objects } from "./static/objects";
import { prove } from "./static/prove";

export interface VerifyOptions {
  readonly topology: Topology;
  readonly cluster: ClusterChoice;
  /** Undefined where no stack is asked. */
  readonly deployed?: Deployed | undefined;
  /** Undefined: all. */
  readonly only?: readonly VerifyLayer[] | undefined;
  /** Where no agent runs: an Envoy on this machine that shows what the mesh would make of tokens. */
  readonly envoy?: LocalEnvoy | undefined;
  /** Undefined: no model is asked anything. */
  readonly models?: AskedModels | undefined;
  /** Whether an Agent with an undeclared delegation is really created, for the controller to refuse. */
  readonly triesUndeclared?: boolean | undefined;
  /** For one answer of the cluster. */
  readonly timeoutSeconds: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** @throws CannotRun, Interrupted */
export function verify(options: VerifyOptions): Promise<CheckResult[]> {
  return interruptible((signal) => run(options, signal), options.signal);
}

async function run(options: VerifyOptions, signal: AbortSignal): Promise<CheckResult[]> {
  const { topology, deployed, only, models, timeoutSeconds, progress = silent } = options;
  if (models === "stub" && topology.environment === "production")
    throw new CannotRun(
      "--with-stub-model is not for a stack with environment: production: agents would answer users with the stub's words.",
      "Use a stack of a test cluster, or --ask-models.",
    );
  if (options.triesUndeclared === true && topology.environment === "production")
    throw new CannotRun(
      "--try-undeclared is not for a stack with environment: production: it really creates an Agent that must be refused.",
      "Use a stack of a test cluster, where admission can be bypassed.",
    );
  // Every request that is under way listens to it.
  setMaxListeners(0, signal);
  const isWanted = ({ layer }: Pick<CheckResult, "layer">) => only === undefined || only.includes(layer);
  const planned = plan(topology);
  const api = new Api(
    loadKubeconfig({
      ...options.cluster,
      context: options.cluster.context ?? topology.cluster.context,
    }),
    timeoutSeconds,
    signal,
  );
  try {
    const cluster = new Cluster(api);
    const live = await progress.step("reading the cluster", () => Live.read(cluster, planned));
    const context: Context = {
      topology,
      planned,
      cluster,
      live,
      signal,
      models,
      triesUndeclared: options.triesUndeclared,
      tokenKeys: tokenKeysOf(deployed),
    };
    const results: CheckResult[] = deployed === undefined ? [] : stackResults(topology, planned, deployed);
    const checks = options.envoy === undefined ? CHECKS : [...CHECKS, envoyCheck(options.envoy)];
    for (const check of checks.filter((one) => isAbout(one, only))) {
      signal.throwIfAborted();
      results.push(
        ...(await progress.step(`${check.layer}: ${check.title}`, () => runCheck(check, context))),
      );
    }
    results.push(...(await progress.step("proofs", async () => liveProofs(context))));
    const { results: onPaper } = prove(topology, new Objects(planned.map(({ manifest }) => manifest)));
    results.push(...onPaper.map((result) => ({ ...result, check: `as planned: ${result.check}` })));
    const wanted = results.filter(isWanted);
    if (wanted.length > 0) return wanted;
    throw new CannotRun(
      `Nothing was checked: there is no check of ${only?.join(", ")} here.`,
      deployed === undefined
        ? "With --config and --sandbox no stack is asked; use --stack."
        : "Name other layers.",
    );
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new CannotRun(
      `The API server at ${api.server} gave ${error.message}.`,
      "Try again, or give it longer with --timeout.",
    );
  } finally {
    await api.close();
  }
}

const isAbout = ({ layer, speaksOf = [] }: Check, only: readonly VerifyLayer[] | undefined): boolean =>
  only === undefined || [layer, ...speaksOf].some((one) => only.includes(one));
