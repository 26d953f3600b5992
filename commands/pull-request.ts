/**
 * `npm run pull-request -- --base FILE --head FILE --out FILE`: what a change to a stack file does, as Markdown for a review:
 * delegations added and removed, Helm releases that change, the preview, and the policy result. It needs no cluster: the base is
 * deployed on an embedded control plane, and the head previewed on it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { LEFT_TO_UP, verdictOn } from "../components/engine/guard";
import { plan } from "../components/plan/plan";
import { noticesOf, OperationFailed, type Outcome, operate } from "../operations/operate";
import { SandboxHome } from "../sandbox/control-plane";
import { prepareSandbox, removeSandbox } from "../sandbox/sandbox";
import { LineProgress } from "../system/progress";
import { ConfigurationError, readStackFile, readTopology, type Topology } from "../topology";
import { failurePage, reviewPage, stackOf } from "./pull-request-page";
import { isForUser, run } from "./shared";

interface Options {
  readonly base?: string;
  readonly head: string;
  readonly out: string;
}

interface StackFile {
  readonly raw: Record<string, unknown>;
  readonly topology: Topology;
}

function readFile(file: string): StackFile {
  const raw = readStackFile(file);
  return { raw, topology: readTopology(raw) };
}

/** An error of this kind is an answer. */
async function orError<T, E extends Error>(
  kind: new (...args: never[]) => E,
  work: () => T | Promise<T>,
): Promise<T | E> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
}

interface Previewed {
  readonly outcome: Outcome | OperationFailed;
  /** Why the base could not be deployed, in sentences. */
  readonly withoutBase: readonly string[];
}

async function previewed(base: StackFile | undefined, head: StackFile): Promise<Previewed> {
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-pull-request-"));
  const about = { home: new SandboxHome(join(folder, "sandbox")), progress: new LineProgress() };
  const on = async (text: string, { raw }: StackFile, operation: "up" | "preview") => {
    const { stack } = await prepareSandbox({ ...about, configuration: raw });
    return orError(OperationFailed, () => about.progress.step(text, () => operate(stack, operation)));
  };
  try {
    const deployed = base && (await on("deploying the base", base, "up"));
    // A rule that became stricter refuses the base: that may be what the change mends.
    const refused = deployed instanceof OperationFailed;
    if (refused) await removeSandbox(about);
    const outcome = await on("previewing the change", head, "preview");
    return { outcome, withoutBase: refused ? [deployed.message] : [] };
  } finally {
    await removeSandbox(about).finally(() => rmSync(folder, { recursive: true, force: true }));
  }
}

/** @returns the page, and whether everything passes */
async function review({
  base: baseFile,
  head: headFile,
}: Options): Promise<{ text: string; passes: boolean }> {
  const head = readFile(headFile);
  const base =
    baseFile === undefined ? undefined : await orError(ConfigurationError, () => readFile(baseFile));
  const isInvalid = base instanceof ConfigurationError;
  const before = isInvalid ? undefined : base;
  const { outcome, withoutBase } = await previewed(before, head);
  const failed = outcome instanceof OperationFailed;
  // The control plane here has no nodes: releases are not part of its preview, and the rules see them in the plan.
  const { refusals: inPlan, exemptions } = verdictOn(plan(head.topology), head.topology);
  const byPack = outcome.findings.filter(({ mandatory }) => mandatory);
  const refusals = [...inPlan, ...byPack.map(({ policy, message }) => `${policy}: ${message}`)];
  const leftToUp = noticesOf(outcome).filter((notice) => notice.startsWith(LEFT_TO_UP));
  const text = reviewPage({
    stack: stackOf(headFile),
    before: before?.topology,
    after: head.topology,
    withoutBase: isInvalid ? [base.message] : withoutBase,
    steps: failed ? undefined : outcome.steps,
    failures: failed && refusals.length === 0 ? outcome.reasons : [],
    refusals,
    notices: [...exemptions, ...leftToUp],
  });
  return { text, passes: !failed && refusals.length === 0 };
}

async function main(options: Options): Promise<void> {
  const write = (text: string) => {
    writeFileSync(options.out, text);
    process.stdout.write(text);
  };
  try {
    const { text, passes } = await review(options);
    write(text);
    if (!passes) process.exitCode = 1;
  } catch (error) {
    const message = isForUser(error) ? error.message : "An unexpected error: the log of this run has it.";
    write(failurePage(stackOf(options.head), message));
    throw error;
  }
}

new Command("pull-request")
  .description(
    "Says in Markdown what a change to a stack file does. Needs no cluster. Exits 1 when the preview or a policy fails.",
  )
  .option("--base <file>", "stack file before the change; without it the stack is new")
  .requiredOption("--head <file>", "stack file after the change")
  .requiredOption("--out <file>", "file to write the Markdown to")
  .action((options: Options) => run(() => main(options)))
  .parse();
