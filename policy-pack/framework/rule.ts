/** What a rule is. It knows neither the engine nor files. */
import type { Finding } from "./finding";
import type { StackIndex } from "./stack-index";

export const RULE_LAYERS = [
  "pod-security",
  "rbac",
  "secrets",
  "admission",
  "reconciler",
  "network",
  "identity",
  "token",
  "audit",
  "supply-chain",
] as const;
export type RuleLayer = (typeof RULE_LAYERS)[number];

export type Severity = "low" | "medium" | "high" | "critical";

interface RuleText {
  /** `<layer>-<file name>`. */
  readonly name: string;
  readonly layer: RuleLayer;
  readonly severity: Severity;
  /** One sentence: what must hold. */
  readonly description: string;
  /** Why it matters: what somebody could do otherwise, with the source of the fact. */
  readonly why: string;
  /** Steps, with the lines to write. */
  readonly remediation: readonly string[];
  /**
   * Reads values that only the engine knows, of one object at a time: a preview says that it is checked at `up`, and `up`
   * checks each object before it is created.
   */
  readonly readsAtUp?: { readonly group: string; readonly kind: string };
}

interface RuleOf<Subject> extends RuleText {
  /** What the rule looks at. Where there is nothing to look at, the rule does not apply. */
  subjects(stack: StackIndex): Iterable<Subject>;
  check(subject: Subject, stack: StackIndex): Iterable<Finding>;
}

export interface Rule extends RuleText {
  /** Its subjects, each as a function that checks it: so that one that cannot be read does not hide the others. */
  checks(stack: StackIndex): Iterable<() => Iterable<Finding>>;
}

export function rule<Subject>({ subjects, check, ...text }: RuleOf<Subject>): Rule {
  return {
    ...text,
    *checks(stack) {
      for (const subject of subjects(stack)) yield () => check(subject, stack);
    },
  };
}

/** Where the documentation of a rule stands. */
export const documentation = ({ name }: { readonly name: string }): string => `docs/policies.md#${name}`;
