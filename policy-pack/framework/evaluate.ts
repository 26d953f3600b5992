/** Runs rules over an index. Whatever an object looks like, the answer is a list of findings, never an exception. */
import { Unreadable } from "./field";
import type { Finding } from "./finding";
import type { StackObject } from "./object";
import type { Rule } from "./rule";
import type { StackIndex } from "./stack-index";

export interface RuleResult {
  readonly rule: Rule;
  readonly stack: StackIndex;
  readonly findings: readonly Finding[];
  /** Objects whose values this rule can read only at `up`. */
  readonly checkedAtUp: readonly StackObject[];
  /** Whether there was anything that the rule looks at. */
  readonly applies: boolean;
}

export function evaluateRule(rule: Rule, stack: StackIndex): RuleResult {
  const findings = new Map<string, Finding>();
  const checkedAtUp = new Set<StackObject>();
  let applies = false;
  const add = (finding: Finding) => {
    const { object, path, message } = finding;
    findings.set([object.key, path, message, object.origin.urn ?? ""].join("\n"), finding);
  };
  const guarded = (run: () => void, endsRule: boolean) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      applies = true;
      if (error.reason === "unknown" && rule.readsAtUp !== undefined) checkedAtUp.add(error.field.object);
      else add({ ...unreadable(rule, error), endsRule });
    }
  };
  guarded(() => {
    for (const check of rule.checks(stack)) {
      applies = true;
      guarded(() => {
        for (const finding of check()) add(finding);
      }, false);
    }
  }, true);
  return { rule, stack, findings: [...findings.values()], checkedAtUp: [...checkedAtUp], applies };
}

function unreadable(rule: Rule, { field, reason, expected }: Unreadable): Finding {
  return field.finding(
    reason === "unknown"
      ? `can't run policy ${rule.name}: this value is known to the engine only. Write it literally, so that it can be checked before anything is created.`
      : `must be ${expected}: as it stands, ${rule.name} cannot be checked.`,
  );
}
