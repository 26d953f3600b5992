/** The pack refuses every weakening of the shipped stack but those that are explained. Figures: `npm run mutate`. */
import assert from "node:assert/strict";
import { VARIANTS } from "../policy/support/stacks";
import { EXPLAINED } from "./explained";
import { score } from "./run";

describe("mutation score of the policy pack", function () {
  this.timeout(180_000);
  const explained = new Set<string>();

  for (const variant of VARIANTS)
    it(`is 100 %: routing ${variant.routing}, admission ${variant.admission}`, () => {
      const result = score(variant);
      for (const name of result.explained) explained.add(name);
      assert.deepEqual(result.survivors, []);
      assert.ok(result.total > 1000, `${result.total} mutants`);
    });

  it("has no explanation that nothing needs", () => {
    assert.deepEqual(
      EXPLAINED.filter(({ name }) => ![...explained].some((mutant) => name.test(mutant))),
      [],
    );
  });
});
