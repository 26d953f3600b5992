/** The verdict of all rules on plain manifests: what a program asks before it registers anything, and what `check` prints. */
import type { Exemptions } from "./framework/exemptions";
import { ExemptionBook } from "./framework/exemptions";
import { describeFinding, type Finding } from "./framework/finding";
import { type EvaluateOptions, evaluate } from "./framework/manifests";
import type { RawObject } from "./framework/object";
import type { Rule } from "./framework/rule";
import { RULES } from "./rules/index";

export interface Refusal {
  readonly rule: Rule;
  readonly finding: Finding;
}

export interface Verdict {
  readonly refusals: readonly Refusal[];
  /** What cannot be understood in the exemptions. */
  readonly problems: readonly string[];
  /** Exemptions, used, unused and expired; and what only `up` can check. To be printed every time. */
  readonly notices: readonly string[];
  readonly rulesThatApply: number;
}

export interface VerdictOptions extends EvaluateOptions {
  readonly exemptions?: Exemptions;
  readonly now?: Date;
}

export function verdict(objects: Iterable<RawObject>, options: VerdictOptions = {}): Verdict {
  const { exemptions = { valid: [], problems: [] }, now = new Date() } = options;
  const book = new ExemptionBook(exemptions.valid, now);
  const results = evaluate(RULES, objects, options);
  const refusals = results.flatMap((result) =>
    book.uncovered(result).map((finding) => ({ rule: result.rule, finding })),
  );
  const later = results.flatMap(({ rule, checkedAtUp }) =>
    checkedAtUp.map((object) => `checked at up: ${rule.name} on ${object.title}`),
  );
  return {
    refusals,
    problems: exemptions.problems,
    notices: [...book.report(), ...later],
    rulesThatApply: results.filter(({ applies }) => applies).length,
  };
}

/** `network-default-deny: NetworkPolicy ...`. */
export const describeRefusal = ({ rule, finding }: Refusal): string =>
  `${rule.name}: ${describeFinding(finding)}`;
