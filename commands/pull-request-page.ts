/** What a reviewer reads of a change to a stack file, as Markdown. Names only: a value may be secret. */
import { basename } from "node:path";
import { releaseDifference } from "../components/platform/difference";
import { type Step, titleOf } from "../operations/steps";
import { graphDifference, mermaid, type Topology } from "../topology";

export interface Review {
  readonly stack: string;
  /** Undefined for a stack that is new, and for one that was not valid. */
  readonly before: Topology | undefined;
  readonly after: Topology;
  /** Why nothing could be compared with the stack before the change, in sentences. */
  readonly withoutBase: readonly string[];
  /** Undefined where the preview failed. */
  readonly steps: readonly Step[] | undefined;
  /** Why it failed, where that is not a rule. */
  readonly failures: readonly string[];
  readonly refusals: readonly string[];
  /** Exemptions, and what is left to `up`. */
  readonly notices: readonly string[];
}

/** Most names in one list: a comment on GitHub holds 65,536 characters. */
const MOST = 100;

/** `prod` of `Pulumi.prod.yaml`. */
export const stackOf = (file: string): string =>
  /^Pulumi\.(.+)\.ya?ml$/.exec(basename(file))?.[1] ?? basename(file);

/** The first line tells the page of one stack from those of others: a comment that begins with it is replaced. */
const head = (stack: string): string[] => [
  `<!-- kagent-a2a pull-request ${stack} -->`,
  `## What this changes in stack ${stack}`,
  "",
];

const list = (lines: readonly string[], none: string): string[] =>
  lines.length > 0 ? lines.map((line) => `- ${line.replaceAll("\n", "\n  ")}`) : [none];

const block = (text: string, language = "text"): string[] => [`\`\`\`${language}`, text.trimEnd(), "```"];

/** Halves of a replacement, which is listed itself. */
const HALVES = ["create-replacement", "delete-replaced"];

function preview(steps: readonly Step[]): string[] {
  const changed = new Map<string, string[]>();
  for (const step of steps) {
    if (step.operation === "same" || HALVES.includes(step.operation)) continue;
    changed.set(step.operation, [...(changed.get(step.operation) ?? []), titleOf(step)]);
  }
  const lists = [...changed].flatMap(([operation, titles]) => [
    `<details><summary>${titles.length} to ${operation}</summary>`,
    "",
    ...titles
      .sort()
      .slice(0, MOST)
      .map((title) => `- \`${title}\``),
    ...(titles.length > MOST ? [`- and ${titles.length - MOST} more`] : []),
    "",
    "</details>",
  ]);
  const same = steps.filter(({ operation }) => operation === "same").length;
  return [...lists, ...(lists.length > 0 ? [""] : []), `${same} unchanged.`];
}

function failed({ refusals, failures }: Review): string[] {
  if (failures.length > 0) return ["It failed:", "", ...block(failures.join("\n"))];
  return [refusals.length > 0 ? "A policy refuses it." : "It failed."];
}

export function reviewPage(review: Review): string {
  const { stack, before, after, withoutBase, steps, refusals, notices } = review;
  const differences = graphDifference(before, after).map(
    ({ what, change, name }) => `${change} ${what} \`${name}\``,
  );
  return [
    ...head(stack),
    ...(withoutBase.length > 0
      ? [
          "The stack as it was before cannot be deployed any more, so the preview shows everything as new:",
          "",
          ...block(withoutBase.join("\n")),
          "",
        ]
      : []),
    "### The delegation graph",
    ...list(differences, "Nothing."),
    "",
    "### The platform's Helm releases",
    ...list(releaseDifference(before, after), "Nothing."),
    "",
    "### Preview",
    ...(steps === undefined ? failed(review) : preview(steps)),
    "",
    "### Policies",
    ...list(refusals, notices.length > 0 ? "Nothing is refused. To be known:" : "Every rule holds."),
    ...(notices.length > 0 ? ["", ...list(notices, "")] : []),
    "",
    "### The graph after it",
    ...block(mermaid(after), "mermaid"),
    "",
  ].join("\n");
}

/** Where the change cannot be reviewed at all: the reviewer reads why, instead of nothing. */
export const failurePage = (stack: string, message: string): string =>
  [...head(stack), "It cannot be reviewed:", "", ...block(message), ""].join("\n");
