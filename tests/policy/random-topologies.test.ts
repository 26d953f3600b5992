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

interface Egress {
  readonly hosts?: readonly string[];
  readonly cidrs?: readonly string[];
  readonly pods?: unknown;
}

/** A model on the public internet is reached on 443: the pack refuses the internet on any other port. */
function onPort443(configuration: Record<string, unknown>): Record<string, unknown> {
  const models = configuration.models as Record<string, { egress: Egress }>;
  return {
    ...configuration,
    models: Object.fromEntries(
      Object.entries(models).map(([name, model]) => {
        const isPublic = (model.egress.cidrs ?? []).length === 0 && model.egress.pods === undefined;
        return [name, isPublic ? { ...model, egress: { ...model.egress, port: 443 } } : model];
      }),
    ),
  };
}

describe("the pack, on random valid topologies", () => {
  it("finds nothing to refuse", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(configurations(), (configuration) => {
        const results = evaluate(RULES, planned(manifestsOf(onPort443(configuration))), {
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
