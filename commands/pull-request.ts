/**
 * `npm run pull-request -- --base FILE --head FILE --out FILE`: what a change to a stack file does, as Markdown for a review:
 * delegations added and removed, Helm releases that change, the preview, and the policy result. It needs no cluster: the base is deployed on an embedded
 * control plane, and the head previewed on it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { refusalsOf } from "../components/engine/guard";
import { plan } from "../components/plan/plan";
import { releaseDifference } from "../components/platform/difference";
import { OperationFailed, type Outcome, operate } from "../operations/operate";
import { SandboxHome } from "../sandbox/control-plane";
import { prepareSandbox, removeSandbox } from "../sandbox/sandbox";
import { LineProgress } from "../system/progress";
import { graphDifference, mermaid, readStackFile, readTopology } from "../topology";
import { run } from "./shared";

interface Options {
  readonly base?: string;
  readonly head: string;
  readonly out: string;
}

const list = (lines: readonly string[], none: string): string[] =>
  lines.length > 0 ? lines.map((line) => `- ${line}`) : [none];

async function previewed(
  base: Record<string, unknown> | undefined,
  head: Record<string, unknown>,
): Promise<Outcome | OperationFailed> {
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-pull-request-"));
  const home = new SandboxHome(join(folder, "sandbox"));
  const progress = new LineProgress();
  const about = { home, progress };
  try {
    if (base !== undefined) {
      const { stack } = await prepareSandbox({ ...about, configuration: base });
      await progress.step("deploying the base", () => operate(stack, "up"));
    }
    const { stack } = await prepareSandbox({ ...about, configuration: head });
    return await progress.step("previewing the change", () => operate(stack, "preview"));
  } catch (error) {
    if (error instanceof OperationFailed) return error;
    throw error;
  } finally {
    await removeSandbox(about).finally(() => rmSync(folder, { recursive: true, force: true }));
  }
}

async function review({ base: baseFile, head: headFile, out }: Options): Promise<void> {
  const head = readStackFile(headFile);
  const after = readTopology(head);
  const base = baseFile === undefined ? undefined : readStackFile(baseFile);
  const before = base === undefined ? undefined : readTopology(base);
  const differences = graphDifference(before, after).map(
    ({ what, change, name }) => `${change} ${what} \`${name}\``,
  );
  const outcome = await previewed(base, head);
  const failed = outcome instanceof OperationFailed;
  // The control plane here has no nodes: releases are not part of its preview, and the rules see them in the plan.
  const refusals = [...(failed ? outcome.reasons : []), ...refusalsOf(plan(after), after)];
  const { same = 0, ...changed } = failed ? {} : outcome.changes;
  const text = [
    "## What this changes",
    "",
    "### The delegation graph",
    ...list(differences, "Nothing."),
    "",
    "### The platform's Helm releases",
    ...list(releaseDifference(before, after), "Nothing."),
    "",
    "### Preview",
    ...(failed
      ? ["It failed."]
      : list(
          [
            ...Object.entries(changed).map(([operation, count]) => `${count} ${operation}`),
            `${same} unchanged`,
          ],
          "",
        )),
    "",
    "### Policies",
    ...list([...new Set(refusals)], "Every rule holds."),
    "",
    "### The graph after it",
    "```mermaid",
    mermaid(after).trimEnd(),
    "```",
    "",
  ].join("\n");
  writeFileSync(out, text);
  process.stdout.write(text);
  if (failed || refusals.length > 0) process.exitCode = 1;
}

new Command("pull-request")
  .description(
    "Says in Markdown what a change to a stack file does. Needs no cluster. Exits 1 when the preview or a policy fails.",
  )
  .option("--base <file>", "stack file before the change; without it the stack is new")
  .requiredOption("--head <file>", "stack file after the change")
  .requiredOption("--out <file>", "file to write the Markdown to")
  .action((options: Options) => run(() => review(options)))
  .parse();
