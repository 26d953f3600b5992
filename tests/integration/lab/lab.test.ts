/** Real istiod, Envoys and network policies decide; the graph says what they must decide. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { LabReport } from "../../../lab/report";
import { runLab } from "../../../lab/run";
import type { Scenario } from "../../../lab/scenarios/names";
import { devConfiguration } from "../../support/dev";
import { labOrSkip } from "../../support/lab";
import { configurations } from "../../support/topologies";

/** Chosen once, so that every run asks the same; another may be given. */
const SEED = Number(process.env.KAGENT_A2A_LAB_SEED ?? 4);

const run = (configuration: Record<string, unknown>, ...scenarios: Scenario[]): Promise<LabReport> =>
  runLab({ configuration, scenarios });

function assertMatrices({ matrices }: LabReport): void {
  assert.deepEqual(
    matrices.map(({ mode }) => mode),
    ["network", "mesh", "all"],
  );
  for (const { answers, fromGraph, fromEvaluators } of matrices) {
    assert.deepEqual(fromGraph, []);
    assert.deepEqual(fromEvaluators, []);
    // A lab in which nothing works, or in which nothing is refused, proves nothing.
    assert.ok(answers.some(({ passed }) => passed));
    assert.ok(answers.some(({ passed }) => !passed));
  }
}

describe("the lab", function () {
  // The first run builds what is published as images only.
  this.timeout(45 * 60_000);

  before(async function () {
    await labOrSkip(this);
  });

  describe("of the shipped stack through the gateway", () => {
    let report: LabReport;
    before(async () => {
      report = await run(devConfiguration(), "matrix", "mutations", "rotation", "faults");
    });

    it("answers every question as the graph does, and as the evaluators do", () => assertMatrices(report));

    it("lets only the declared caller through the gateway, and only with its own token", () => {
      const through = report.matrices
        .filter(({ mode }) => mode === "all")
        .flatMap(({ answers }) => answers)
        .filter(({ what, passed }) => what === "team-beta/specialist through the gateway" && passed)
        .map(({ from, token }) => `${from} with ${token}`);
      assert.deepEqual(through, ["team-alpha/orchestrator with good"]);
    });

    it("notices every object that is wrong, in exactly the cells that are", () => {
      const { mutations = [], equivalent = [], differencesAtEnd } = report.mutations ?? {};
      assert.ok(mutations.length >= 40, `only ${mutations.length} mutations`);
      for (const { mutation, changed, differences, restored } of mutations) {
        assert.notDeepEqual(changed, [], `${mutation} went unnoticed`);
        assert.deepEqual(differences, [], mutation);
        assert.ok(restored, `${mutation} could not be undone`);
      }
      for (const { mutation, changed } of equivalent) assert.deepEqual(changed, [], mutation);
      assert.deepEqual(differencesAtEnd, []);
    });

    it("loses no request of the declared caller when the key is rotated, and then refuses the old one", () => {
      const { rotation } = report;
      assert.ok(rotation !== undefined && rotation.requests > 100);
      assert.deepEqual(rotation.failures, []);
      assert.notEqual(rotation.refusedAfterSeconds, undefined);
      assert.equal(rotation.acceptedAgain, 0);
    });

    it("stays closed while a part fails, and recovers", () => {
      const { faults = [] } = report;
      assert.equal(faults.length, 4);
      for (const { fault, observations } of faults)
        for (const { what, held, seen } of observations) assert.ok(held, `${fault}: ${what}: ${seen}`);
    });
  });

  it("answers as the graph does where callers reach callees directly", async () => {
    assertMatrices(
      await run(
        devConfiguration((raw) => (raw.routing = "direct")),
        "matrix",
      ),
    );
  });

  for (const [index, raw] of samples().entries())
    it(`answers as the graph does for random topology ${index + 1} of seed ${SEED}`, async () => {
      assertMatrices(await run(raw, "matrix"));
    });
});

/** Small enough for any machine, with something to decide; one with each routing. */
function samples(): Record<string, unknown>[] {
  return ["gateway", "direct"].flatMap((routing) =>
    fc.sample(
      configurations().filter(({ delegations, tenants, ...rest }) => {
        const size = Object.keys(rest.agents as object).length;
        const crossing = (delegations as { from: string; to: string }[]).filter(
          ({ from, to }) => from.split("/")[0] !== to.split("/")[0],
        );
        return (
          rest.routing === routing &&
          crossing.length >= 2 &&
          size <= 6 &&
          Object.keys(tenants as object).length >= 3
        );
      }),
      { numRuns: 1, seed: SEED },
    ),
  );
}
