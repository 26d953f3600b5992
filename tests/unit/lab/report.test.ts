import assert from "node:assert/strict";
import { printReport } from "../../../lab/print";
import { isProven, type LabReport, type MutationsReport } from "../../../lab/report";

const answer = {
  mode: "mesh",
  kind: "call",
  from: "a/one",
  what: "b/two directly",
  passed: true,
  seen: "answered by b/two",
  isDecided: true,
} as const;
const difference = {
  mode: "mesh",
  question: "a/one calls b/two directly, token: none",
  predicted: "status 403",
  seen: "answered by b/two",
} as const;
const mutation = {
  mutation: "drop Gateway kagent/a2a-gateway",
  mode: "mesh",
  changed: ["a/one calls b/two: status 404"],
  differences: [],
  restored: true,
  seconds: 1,
} as const;
const result = {
  layer: "routing",
  check: "the callee answers",
  subject: "a/one -> b/two, with its token",
  status: "pass",
  detail: "HTTP 200",
} as const;
const report: LabReport = {
  tenants: 2,
  agents: 2,
  delegations: 1,
  routing: "gateway",
  pods: 12,
  secondsToReady: 1,
  peakMiB: 100,
  matrices: [
    {
      mode: "mesh",
      answers: [
        { ...answer, token: "good" },
        { ...answer, token: "none", passed: false, seen: "status 403" },
      ],
      fromGraph: [],
      fromEvaluators: [],
      seconds: 1,
    },
  ],
};
const withMutations = (change: Partial<MutationsReport>): Partial<LabReport> => ({
  mutations: { mutations: [mutation], equivalent: [], unexplained: [], differencesAtEnd: [], ...change },
});
const [matrix] = report.matrices as [LabReport["matrices"][number]];

describe("a report of the lab", () => {
  it("proves the topology when nothing differs, and shows the tokens with which calls are answered", () => {
    assert.ok(isProven(report));
    const text = printReport(report);
    assert.match(text, /^ {2}a\/one {2}g$/m);
    assert.match(text, /equals the graph, cell by cell/);
    assert.match(text, /Everything is as declared\.$/);
  });

  const wrong: Readonly<Record<string, Partial<LabReport>>> = {
    "a cell that differs from the graph": { matrices: [{ ...matrix, fromGraph: [difference] }] },
    "a cell that differs from the evaluators": { matrices: [{ ...matrix, fromEvaluators: [difference] }] },
    "a mutation that nobody noticed": withMutations({ mutations: [{ ...mutation, changed: [] }] }),
    "a mutation that changed other cells": withMutations({
      mutations: [{ ...mutation, differences: [difference] }],
    }),
    "an object that could not be restored": withMutations({ mutations: [{ ...mutation, restored: false }] }),
    "a harmless mutation that did change cells": withMutations({
      equivalent: [{ ...mutation, reason: "it is harmless" }],
    }),
    "a mutation that changes no cell, and nobody knows why": withMutations({
      unexplained: ["take any namespace for a peer in NetworkPolicy a/agent-one"],
    }),
    "a cell that is not as before in the end": withMutations({ differencesAtEnd: [difference] }),
    "a check that failed": { verify: { results: [{ ...result, status: "fail" }], controls: [] } },
    "a pod that could not be asked": {
      verify: { results: [{ ...result, status: "not answerable" }], controls: [] },
    },
    "a hole that verify did not find": {
      verify: {
        results: [result],
        controls: [{ change: "a hole", expected: "x", failed: [], isFound: false }],
      },
    },
    "a request that failed during the rotation": {
      rotation: {
        requests: 2,
        failures: ["after 12 ms: status 401"],
        perSecond: 40,
        refusedAfterSeconds: 1,
        acceptedAgain: 0,
      },
    },
    "a token of a removed generation that is accepted for ever": {
      rotation: {
        requests: 2,
        failures: [],
        perSecond: 40,
        acceptedAgain: 0,
      },
    },
    "an edit that `up` does not put back": {
      drift: [{ fault: "a policy is deleted", observations: [{ what: "x", held: false, seen: "nothing" }] }],
    },
    "a fault that opens something": {
      faults: [{ fault: "the gateway restarts", observations: [{ what: "x", held: false, seen: "1 do" }] }],
    },
  };
  for (const [what, change] of Object.entries(wrong))
    it(`proves nothing with ${what}`, () => {
      assert.ok(!isProven({ ...report, ...change }));
      assert.match(printReport({ ...report, ...change }), /NOT everything is as declared/);
    });
});
