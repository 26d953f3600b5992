/** The pack refuses every weakening of the shipped stack but those that are explained. Figures: `npm run mutate`. */
import assert from "node:assert/strict";
import { EXPLAINED } from "./explained";
import { describeVariant, MUTATED, mutantsOf, score, weakened } from "./run";

/** Kinds that say how much of something must run: they govern nobody. */
const NOT_GOVERNING = ["PodDisruptionBudget"];

describe("mutation score of the policy pack", function () {
  this.timeout(300_000);
  const explained = new Set<string>();

  for (const variant of MUTATED)
    it(`is 100 %: ${describeVariant(variant)}`, () => {
      const result = score(variant);
      for (const name of result.explained) explained.add(name);
      assert.deepEqual(result.survivors, []);
      assert.ok(result.total > 1000, `${result.total} mutants`);
    });

  it("weakens every kind of object that is deployed", () => {
    for (const variant of MUTATED) {
      const stack = weakened(variant);
      const mutants = mutantsOf(stack).map(({ name }) => name);
      const kinds = new Set(stack.map(({ kind }) => String(kind)));
      const unchanged = [...kinds].filter(
        (kind) => !NOT_GOVERNING.includes(kind) && !mutants.some((name) => name.startsWith(`${kind} `)),
      );
      assert.deepEqual(unchanged, []);
    }
  });

  it("has no explanation that nothing needs", () => {
    assert.deepEqual(
      EXPLAINED.filter(({ name }) => ![...explained].some((mutant) => name.test(mutant))),
      [],
    );
  });
});
