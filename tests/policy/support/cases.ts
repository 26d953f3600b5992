/** The four cases that each rule must have, as one table per rule: compliant, violating, not applicable, unknown value. */
import assert from "node:assert/strict";
import { EngineValue } from "../../../components/plan/manifest";
import { evaluateRule, type RuleResult } from "../../../policy-pack/framework/evaluate";
import { describeFinding } from "../../../policy-pack/framework/finding";
import { isRenderedEngineValue, planned } from "../../../policy-pack/framework/manifests";
import type { Rule } from "../../../policy-pack/framework/rule";
import { StackIndex } from "../../../policy-pack/framework/stack-index";
import { RULES } from "../../../policy-pack/rules/index";
import { Draft, type Loose, manifest } from "./draft";
import { resourceOf, runPack, UNKNOWN, withEngineValues } from "./engine";
import { shipped, type Variant } from "./stacks";

export interface Violation {
  readonly change: (stack: Draft) => unknown;
  /** Every finding of this rule, in order, word for word. */
  readonly finds: readonly string[];
}

export interface RuleCases {
  /** Form of the shipped stack to start from. */
  readonly variant?: Variant;
  /** Objects to add to it, for rules about what it does not contain. */
  readonly with?: readonly Loose[];
  readonly violating: Readonly<Record<string, Violation>>;
  /** A field that the rule reads: `[object, path]`. `passes` tells why a rule may go on without the value. */
  readonly unknown: readonly [object: string, path: string, passes?: string];
  /** Why a compliant stack has nothing that the rule looks at: it refuses whatever it finds. */
  readonly compliant?: string;
  /** Objects that the rule does not look at. Default: somebody else's program on the same cluster. */
  readonly notApplicable?: readonly Loose[];
}

/** Another program on the same cluster, with kinds of the same names in other groups and namespaces. */
export const FOREIGN: readonly Loose[] = [
  manifest("v1", "Namespace", "shop", { metadata: { labels: { team: "shop" } } }),
  manifest("example.com/v1", "Agent", "shop/agent", { spec: "not an agent of kagent" }),
  manifest("example.com/v1", "AuthorizationPolicy", "shop/policy", { spec: [1, 2] }),
  manifest("apps/v1", "Deployment", "shop/web", { spec: { replicas: 2 } }),
  manifest("networking.k8s.io/v1", "NetworkPolicy", "shop/open", {
    spec: { podSelector: {}, ingress: [{}] },
  }),
];

const isUnknown = (value: unknown): boolean =>
  value instanceof EngineValue || value === UNKNOWN || isRenderedEngineValue(value);

export function ruleNamed(name: string): Rule {
  const found = RULES.find((rule) => rule.name === name);
  assert.ok(found, `there is no rule ${name}`);
  return found;
}

export function check(rule: Rule, manifests: readonly unknown[]): RuleResult {
  return evaluateRule(rule, new StackIndex(planned(manifests), isUnknown));
}

export const startOf = ({ variant, with: added = [] }: RuleCases): Draft =>
  new Draft(shipped(variant)).add(...added);

/** Which rules have cases: the meta-test asks. */
export const ALL_CASES = new Map<string, RuleCases>();

export function cases(name: string, table: RuleCases): void {
  assert.ok(!ALL_CASES.has(name), `${name} has two tables`);
  ALL_CASES.set(name, table);
  describe(name, () => {
    const rule = ruleNamed(name);
    it("passes what is compliant", () => {
      const { applies, findings } = check(rule, startOf(table).manifests);
      assert.deepEqual(findings.map(describeFinding), []);
      assert.equal(
        applies,
        table.compliant === undefined,
        "the compliant stack has nothing that the rule looks at",
      );
    });
    for (const [what, { change, finds }] of Object.entries(table.violating))
      it(`refuses ${what}`, () => {
        const stack = startOf(table);
        change(stack);
        assert.deepEqual(check(rule, stack.manifests).findings.map(describeFinding), finds);
      });
    it("does not apply where there is nothing to look at", () => {
      const { applies, findings } = check(rule, table.notApplicable ?? FOREIGN);
      assert.deepEqual(findings, []);
      assert.equal(applies, false);
    });
    const [, , passes] = table.unknown;
    it(passes ?? "says when a preview does not know a value that it reads", () => unknownCase(rule, table));
  });
}

function unknownCase(rule: Rule, table: RuleCases): void {
  const [title, path, passes] = table.unknown;
  const stack = startOf(table).set(title, path, UNKNOWN);
  const resources = stack.manifests.map((object) =>
    resourceOf(withEngineValues(object, () => UNKNOWN) as Loose),
  );
  const { reports } = runPack(resources);
  if (rule.readsAtUp !== undefined) {
    assert.deepEqual(reports.get(rule.name) ?? [], []);
    const notices = reports.get("notices") ?? [];
    assert.ok(notices.includes(`checked at up: ${rule.name} on ${title}`), notices.join("\n"));
    return;
  }
  if (passes !== undefined) {
    assert.deepEqual(reports.get(rule.name) ?? [], []);
    return;
  }
  const said = (reports.get(rule.name) ?? []).join("\n");
  assert.ok(
    said.includes(`can't run policy ${rule.name}: this value is known to the engine only.`),
    said || "nothing was said",
  );
}
