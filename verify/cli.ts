/** `npm run verify -- --stack NAME [--static]`: proves that what is declared works and that nothing else does. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { SandboxHome } from "../sandbox/control-plane/home";
import { UserError } from "../system/errors";
import { LineProgress } from "../system/progress";
import { ConfigurationError, readStackFile, readTopology } from "../topology/index";
import { CannotRun } from "./errors";
import { report } from "./report";
import { EXIT, VERIFY_LAYERS, type VerifyLayer } from "./result";
import { verifyStatically } from "./static-command";

interface Options {
  readonly stack: string;
  readonly config?: string;
  readonly static?: boolean;
  readonly sandbox?: string | true;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly only?: readonly VerifyLayer[];
  readonly withStubModel?: boolean;
  readonly askModels?: boolean;
  readonly tryUndeclared?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
  readonly junit?: string;
}

const root = join(__dirname, "..");
const DEFAULT_SANDBOX = join(root, ".sandbox");
const DEFAULT_TIMEOUT_S = 30;

async function run(options: Options): Promise<void> {
  const { stack, only, sandbox } = options;
  const home = sandbox === undefined ? undefined : sandboxIn(sandbox === true ? DEFAULT_SANDBOX : sandbox);
  const config = options.config ?? home?.config;
  const topology = readTopology(readStackFile(config ?? join(root, `Pulumi.${stack}.yaml`)));
  if (options.static === true) {
    const { results, lines, json } = verifyStatically(topology);
    const wanted = results.filter(({ layer }) => only === undefined || only.includes(layer));
    if (wanted.length === 0)
      throw new CannotRun(
        `Without a cluster nothing can be said about ${only?.join(", ")}.`,
        `--static proves ${[...new Set(results.map(({ layer }) => layer))].join(", ")}; leave it out for the others.`,
      );
    return report(wanted, options, { lines, json });
  }
  // The cluster's client and the engine's take a second to load: only what asks them does.
  const { verify } = require("./verify") as typeof import("./verify");
  const deployed = config === undefined ? await readDeployed(stack) : undefined;
  const { kubeconfig = home?.kubeconfig, context } = options;
  const results = await verify({
    topology,
    deployed,
    only,
    cluster: { kubeconfig, context },
    envoy: home === undefined ? undefined : await localEnvoy(),
    models: options.withStubModel === true ? "stub" : options.askModels === true ? "own" : undefined,
    triesUndeclared: options.tryUndeclared,
    timeoutSeconds: options.timeout,
    progress: new LineProgress(),
  });
  report(results, options);
}

/** Where a sandbox keeps what it deployed, and how to reach it. */
function sandboxIn(folder: string): { readonly config: string; readonly kubeconfig: string } {
  const home = new SandboxHome(folder);
  const config = home.at("stack", "Pulumi.sandbox.yaml");
  if (!existsSync(config) || !existsSync(home.kubeconfig))
    throw new CannotRun(`${home.path}: there is no sandbox with a stack.`, "Start one: npm start");
  return { config, kubeconfig: home.kubeconfig };
}

function localEnvoy() {
  const { obtainEnvoy } = require("../sandbox/binaries/envoy") as typeof import("../sandbox/binaries/envoy");
  return obtainEnvoy();
}

function readDeployed(stack: string) {
  const { readStack } = require("./stack-reader") as typeof import("./stack-reader");
  return readStack(stack, root);
}

function layer(value: string, before: readonly VerifyLayer[] = []): VerifyLayer[] {
  const found = VERIFY_LAYERS.find((name) => name === value);
  if (found === undefined) throw new InvalidArgumentError(`Known layers are ${VERIFY_LAYERS.join(", ")}.`);
  return [...before, found];
}

function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError("It is a number of seconds above 0.");
  return number;
}

function fail(error: unknown): void {
  const known = error instanceof UserError || error instanceof ConfigurationError;
  process.stderr.write(`${error instanceof Error ? (known ? error.message : error.stack) : String(error)}\n`);
  process.exitCode =
    error instanceof UserError && error.exitCode > EXIT.failed ? error.exitCode : EXIT.couldNotRun;
}

new Command("verify")
  .description(
    "Proves that what the graph declares works and that nothing else does. Exits 0 when no check failed, 1 when one did, " +
      "2 when it could not run.",
  )
  .option("--stack <name>", "stack whose file Pulumi.<name>.yaml is verified", "dev")
  .option("--config <file>", "stack file to read instead; then no stack is asked")
  .option("--sandbox [folder]", "the sandbox that npm start brought up, instead of a stack on a cluster")
  .option("--static", "only what needs no cluster: proofs over the planned objects")
  .addOption(
    new Option(
      "--kubeconfig <file>",
      "kubeconfig of the cluster (default: KUBECONFIG, then ~/.kube/config)",
    ).conflicts("static"),
  )
  .addOption(
    new Option(
      "--context <name>",
      "context of the kubeconfig (default: cluster.context, then the current one)",
    ).conflicts("static"),
  )
  .option("--only <layer>", `only this layer's checks; may be repeated (${VERIFY_LAYERS.join(", ")})`, layer)
  .addOption(
    new Option(
      "--with-stub-model",
      "also send a message along each delegation, with a model that verify puts where the stack declares it",
    ).conflicts(["askModels", "static"]),
  )
  .addOption(
    new Option("--ask-models", "the same with the stack's own models, which uses tokens").conflicts("static"),
  )
  .addOption(
    new Option(
      "--try-undeclared",
      "also create an Agent with an undeclared delegation, where admission is bypassed, and delete it once the controller spoke",
    ).conflicts("static"),
  )
  .option("--timeout <seconds>", "how long the cluster may take for one answer", seconds, DEFAULT_TIMEOUT_S)
  .option("--json", "print the results as JSON")
  .option("--junit <file>", "also write the results as JUnit XML")
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.couldNotRun))
  .action((options: Options) => run(options).catch(fail))
  .parseAsync();
