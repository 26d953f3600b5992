/** No false alarm: whatever valid topology somebody writes, the pack lets its plan pass. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { EngineValue } from "../../components/plan/manifest";
import { describeFinding } from "../../policy-pack/framework/finding";
import { evaluate, planned } from "../../policy-pack/framework/manifests";
import { RULES } from "../../policy-pack/rules/index";
import { configurations } from "../support/topologies";
import { manifestsOf } from "./support/stacks";

const RUNS = 500;

describe("the pack, on random valid topologies", () => {
  it("finds nothing to refuse", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(configurations(), (configuration) => {
        const results = evaluate(RULES, planned(manifestsOf(configuration)), {
          isEngineValue: (value) => value instanceof EngineValue,
        });
        assert.deepEqual(
          results.flatMap(({ rule, findings }) => findings.map((f) => `${rule.name}: ${describeFinding(f)}`)),
          [],
        );
      }),
      { numRuns: RUNS },
    );
  });
});
