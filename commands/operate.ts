/**
 * `npm run preview|up|refresh|destroy -- --stack NAME`: the stack of Pulumi.<NAME>.yaml on a real cluster, always with the
 * policy pack. Uses the Pulumi CLI on the PATH, and the backend that it is logged in to.
 */
import { createInterface } from "node:readline/promises";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { Command } from "commander";
import { keptCrds } from "../components/platform/kept-crds";
import program from "../index";
import { Cluster } from "../operations/cluster";
import { noticesOf, type Operation, type Outcome, operate } from "../operations/operate";
import { preflight, reachable } from "../operations/preflight";
import { policyPack } from "../policy-pack/attach";
import { interruptible } from "../system/interrupt";
import { readStackFile, readTopology } from "../topology";
import { CommandError, ROOT, run, stackFilePath } from "./shared";

interface Options {
  readonly stack: string;
  readonly yes?: boolean;
}

const PROJECT = "kagent-a2a";
const OPERATIONS: Readonly<Record<Operation, string>> = {
  preview: "says what up would change, and checks it",
  up: "deploys, after a preview that you confirm",
  refresh: "reads what is on the cluster, then previews what up would repair",
  destroy: "removes everything the stack created, after you confirm",
};

async function pulumiOnPath(): Promise<PulumiCommand> {
  try {
    return await PulumiCommand.get();
  } catch {
    throw new CommandError(
      "The Pulumi CLI is not on the PATH.\nInstall it (https://www.pulumi.com/docs/install/) and log in to a backend; `npm start` needs neither.",
    );
  }
}

async function select({ stack: stackName }: Options): Promise<Stack> {
  readStackFile(stackFilePath(stackName));
  const workspace = { workDir: ROOT, pulumiCommand: await pulumiOnPath(), envVars: policyPack.environment() };
  try {
    return await LocalWorkspace.selectStack({ stackName, projectName: PROJECT, program }, workspace);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/no stack named/.test(text))
      throw new CommandError(
        `There is no stack ${stackName} in this backend.\nRun: pulumi stack init ${stackName}`,
      );
    throw new CommandError(/error: .*/.exec(text)?.[0] ?? text);
  }
}

function report(operation: Operation, outcome: Outcome): void {
  const { same = 0, ...changed } = outcome.changes;
  const parts = Object.entries(changed).map(([kind, count]) => `${count} ${kind}`);
  process.stdout.write(
    `\n${operation}: ${[...parts, `${same} unchanged`].join(", ")}. Every mandatory policy holds.\n`,
  );
  for (const notice of noticesOf(outcome)) process.stdout.write(`  ${notice}\n`);
}

/** @throws CommandError unless the answer is yes */
async function confirm(operation: Operation): Promise<void> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt
    .question(`Go on with ${operation}? Only "yes" is accepted: `)
    .finally(() => prompt.close());
  if (answer.trim() !== "yes") throw new CommandError("Nothing was changed.");
}

/** Namespaces in the stack's state: of them nobody asks whose they are. */
async function ownedNamespaces(stack: Stack): Promise<Set<string>> {
  const { resources = [] } = ((await stack.exportStack()).deployment ?? {}) as {
    resources?: readonly { readonly type?: string; readonly id?: string }[];
  };
  return new Set(
    resources.flatMap(({ type, id }) =>
      type === "kubernetes:core/v1:Namespace" && id !== undefined ? [id] : [],
    ),
  );
}

const topologyOf = ({ stack }: Options) => readTopology(readStackFile(stackFilePath(stack)));

/** Before anything is changed: whether the cluster can take this stack at all. */
async function checkCluster(stack: Stack, operation: Operation, options: Options): Promise<void> {
  const topology = topologyOf(options);
  const cluster = Cluster.of(topology.cluster.context);
  if (operation === "destroy" || operation === "refresh") return reachable(cluster);
  const notes = await preflight({ cluster, topology, owned: await ownedNamespaces(stack) });
  for (const line of notes) process.stdout.write(`${line}\n`);
}

async function carryOut(operation: Operation, options: Options): Promise<void> {
  const asks = (operation === "up" || operation === "destroy") && options.yes !== true;
  if (asks && !process.stdin.isTTY)
    throw new CommandError(
      `${operation} asks before it changes anything, and nobody can answer here.\nAdd --yes.`,
    );
  const stack = await select(options);
  await checkCluster(stack, operation, options);
  await interruptible(async (signal) => {
    const beforeChange = async (preview?: Outcome) => {
      if (preview !== undefined) report("preview", preview);
      await confirm(operation);
    };
    const outcome = await operate(stack, operation, {
      signal,
      onOutput: (text) => process.stdout.write(text),
      ...(asks && { beforeChange }),
    });
    report(operation, outcome);
    const kept = operation === "destroy" ? keptCrds(topologyOf(options)) : undefined;
    if (kept !== undefined) process.stdout.write(`\n${kept}\n`);
  });
}

const command = new Command("operate").description("Operates a stack, always with the policy pack.");
for (const [operation, description] of Object.entries(OPERATIONS) as [Operation, string][]) {
  command
    .command(operation)
    .description(description)
    .requiredOption("--stack <name>", "stack whose file Pulumi.<name>.yaml is used")
    .option("--yes", "do not ask")
    .action((options: Options) => run(() => carryOut(operation, options)));
}
command.parseAsync();
