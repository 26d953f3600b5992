/** `npm run check -- --dir DIR [--json]`: the rules of the pack over a folder of plain Kubernetes YAML. */
import { join } from "node:path";
import { Command } from "commander";
import { readConfiguration } from "./configuration";
import type { FolderProblem } from "./framework/folder";
import { readFolder } from "./framework/folder";
import { documentation } from "./framework/rule";
import { describeRefusal, type Refusal, type Verdict, verdict } from "./verdict";

interface Options {
  readonly dir: string;
  readonly config: string;
  readonly json?: true;
}

export interface CheckResult {
  readonly verdict: Verdict;
  readonly problems: readonly FolderProblem[];
  readonly objects: number;
  readonly files: number;
}

export function checkFolder(dir: string, config: string, now = new Date()): CheckResult {
  const { objects, problems, files } = readFolder(dir);
  const found = verdict(objects, { exemptions: readConfiguration(config, now), now });
  return { verdict: found, problems, objects: objects.length, files };
}

const place = ({ file, document }: { file?: string; document?: number }): string =>
  file === undefined ? "" : `${file}${document === undefined ? "" : `, document ${document}`}: `;

export function isRefused({
  verdict: { refusals, problems: exemptions },
  problems,
  objects,
}: CheckResult): boolean {
  return refusals.length + exemptions.length + problems.length > 0 || objects === 0;
}

export function asText(result: CheckResult): string {
  const { verdict: found, problems, objects, files } = result;
  const lines = [
    ...found.problems,
    ...problems.map((problem) => `${place(problem)}${problem.message}`),
    ...found.refusals.flatMap((refusal) => [
      `${place(refusal.finding.object.origin)}${describeRefusal(refusal)}`,
      `    ${documentation(refusal.rule)}`,
    ]),
    ...found.notices,
  ];
  if (objects === 0) lines.push("There is no Kubernetes object in this folder: nothing was checked.");
  const count = found.refusals.length + problems.length + found.problems.length;
  lines.push(
    `${objects} objects in ${files} files, ${found.rulesThatApply} rules that apply, ${count === 0 ? "nothing refused" : `${count} refused`}.`,
  );
  return `${lines.join("\n")}\n`;
}

const refusalJson = ({ rule, finding: { object, path, message } }: Refusal) => ({
  rule: rule.name,
  severity: rule.severity,
  apiVersion: object.apiVersion,
  kind: object.kind,
  namespace: object.namespace,
  name: object.name,
  path,
  message,
  remediation: rule.remediation,
  documentation: documentation(rule),
  ...object.origin,
});

export function asJson(result: CheckResult): string {
  const { verdict: found, problems, objects, files } = result;
  return `${JSON.stringify(
    {
      refused: isRefused(result),
      objects,
      files,
      findings: found.refusals.map(refusalJson),
      unreadable: problems,
      configuration: found.problems,
      notices: found.notices,
    },
    undefined,
    2,
  )}\n`;
}

function main({ dir, config, json }: Options): void {
  const result = checkFolder(dir, config);
  process.stdout.write(json ? asJson(result) : asText(result));
  process.exitCode = isRefused(result) ? 1 : 0;
}

if (require.main === module)
  new Command("check")
    .description("Holds a folder of Kubernetes YAML to the rules of the policy pack. Exits 1 on a violation.")
    .requiredOption("--dir <folder>", "folder with manifests, searched with everything below it")
    .option("--config <file>", "configuration of the pack, with exemptions", join(__dirname, "config.json"))
    .option("--json", "findings as JSON")
    .action((options: Options) => {
      try {
        main(options);
      } catch (error) {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exitCode = 2;
      }
    })
    .parse();
