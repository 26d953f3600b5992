/** Real istiod, Envoys and network policies decide; the graph says what they must decide. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Answered, FaultReport, LabReport } from "../../../lab/report";
import { runLab } from "../../../lab/run";
import type { Scenario } from "../../../lab/scenarios/names";
import { devConfiguration, ORCHESTRATOR, SPECIALIST } from "../../support/dev";
import { labOrSkip } from "../../support/lab";
import { ANALYST, PLANNER, twoByTwo } from "../../support/lab-topology";
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

/** Answers to calls of an agent in the way that the routing gives, with all layers: `<caller> with <token>`. */
const callsOf = ({ matrices, routing }: LabReport, callee: string, isWanted: (answer: Answered) => boolean) =>
  matrices
    .filter(({ mode }) => mode === "all")
    .flatMap(({ answers }) => answers)
    .filter(({ what }) => what === `${callee} ${routing === "gateway" ? "through the gateway" : "directly"}`)
    .filter(isWanted)
    .map(({ from, token }) => `${from} with ${token}`)
    .sort();

function assertMutations({ mutations: report }: LabReport, least: number): void {
  const { mutations = [], equivalent = [], unexplained, differencesAtEnd } = report ?? {};
  assert.ok(mutations.length >= least, `only ${mutations.length} mutations`);
  const problems = [
    ...mutations
      .filter(({ changed }) => changed.length === 0)
      .map(({ mutation }) => `unnoticed: ${mutation}`),
    ...[...mutations, ...equivalent]
      .filter(({ restored }) => !restored)
      .map(({ mutation }) => `not undone: ${mutation}`),
    ...[...mutations, ...equivalent].flatMap(({ mutation, differences }) =>
      differences.map(({ question, predicted, seen }) => `${mutation}: ${question}: ${predicted}, ${seen}`),
    ),
    ...equivalent.filter(({ changed }) => changed.length > 0).map(({ mutation }) => `harmful: ${mutation}`),
  ];
  assert.deepEqual(problems, []);
  assert.deepEqual(unexplained, []);
  assert.deepEqual(differencesAtEnd, []);
}

function assertHeld(faults: readonly FaultReport[] = [], count: number): void {
  assert.equal(faults.length, count);
  for (const { fault, observations } of faults)
    for (const { what, held, seen } of observations) assert.ok(held, `${fault}: ${what}: ${seen}`);
}

describe("the lab", function () {
  // The first run builds what is published as images only.
  this.timeout(45 * 60_000);

  before(async function () {
    await labOrSkip(this, "drift");
  });

  describe("of the shipped stack through the gateway", () => {
    let report: LabReport;
    before(async () => {
      report = await run(devConfiguration(), "matrix", "rotation", "faults", "drift");
    });

    it("answers every question as the graph does, and as the evaluators do", () => assertMatrices(report));

    it("lets only the declared caller through the gateway, and only with its own token", () => {
      assert.deepEqual(
        callsOf(report, SPECIALIST, ({ passed }) => passed),
        [`${ORCHESTRATOR} with good`],
      );
    });

    it("has a sidecar that works for everybody whom the mesh refuses", () => {
      const toControl = report.matrices
        .filter(({ mode }) => mode === "mesh")
        .flatMap(({ answers }) => answers)
        .filter(({ what }) => what.startsWith("lab-mesh/control:"));
      assert.ok(toControl.length > 8);
      for (const { from, seen } of toControl) assert.equal(seen, "answered by lab-mesh/control", from);
    });

    it("loses no request of the declared caller when the key is rotated, and then refuses the old one", () => {
      const { rotation } = report;
      assert.ok(rotation !== undefined && rotation.requests > 100);
      assert.deepEqual(rotation.failures, []);
      assert.notEqual(rotation.refusedAfterSeconds, undefined);
      assert.equal(rotation.acceptedAgain, 0);
    });

    it("stays closed while a part fails, and recovers", () => assertHeld(report.faults, 4));

    it("is as declared again once `up` has run after somebody edited the cluster", () =>
      assertHeld(report.drift, 2));
  });

  describe("of two callers of two callees through the gateway", () => {
    const callers = [ORCHESTRATOR, PLANNER];
    let report: LabReport;
    before(async () => {
      report = await run(devConfiguration(twoByTwo), "matrix", "mutations");
    });

    it("answers every question as the graph does, and as the evaluators do", () => assertMatrices(report));

    for (const callee of [SPECIALIST, ANALYST])
      it(`lets both callers reach ${callee} with their own tokens, of this generation and the previous one`, () => {
        assert.deepEqual(
          callsOf(report, callee, ({ passed }) => passed),
          callers.flatMap((caller) => [`${caller} with good`, `${caller} with previous generation`]).sort(),
        );
      });

    it("refuses a declared caller that replays another declared caller's token through the gateway", () => {
      for (const callee of [SPECIALIST, ANALYST]) {
        const replayed = ({ from, token, seen }: Answered) =>
          callers.includes(from) && token === "foreign subject" && seen === "status 403";
        assert.deepEqual(
          callsOf(report, callee, replayed),
          callers.map((caller) => `${caller} with foreign subject`),
        );
      }
    });

    it("notices every object that is wrong, in exactly the cells that are", () =>
      assertMutations(report, 40));
  });

  describe("of the shipped stack where callers reach callees directly", () => {
    let report: LabReport;
    before(async () => {
      const direct = devConfiguration((raw) => {
        raw.routing = "direct";
      });
      // Whom callees let in, and with which tokens: what the routing makes another.
      const mutations = {
        ofASort: 1,
        kinds: ["PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"],
      };
      report = await runLab({ configuration: direct, scenarios: ["matrix", "mutations"], mutations });
    });

    it("answers every question as the graph does, and as the evaluators do", () => assertMatrices(report));
    it("notices every object that is wrong, in exactly the cells that are", () =>
      assertMutations(report, 16));
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
