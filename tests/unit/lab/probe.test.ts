import assert from "node:assert/strict";
import { differences } from "../../../lab/matrix";
import { CUT, DROPPED, FORBIDDEN, type Outcome } from "../../../lab/outcome";
import type { Result } from "../../../lab/pod/application";
import { judge } from "../../../lab/probe";
import { type Question, questions } from "../../../lab/questions";
import { devTopology, ORCHESTRATOR, SPECIALIST } from "../../support/dev";

const asked = questions(devTopology());
const find = (kind: Question["kind"], to: string): Question =>
  asked.find(
    (question) => question.kind === kind && question.from.id === ORCHESTRATOR && question.to.id === to,
  ) ?? assert.fail(`nobody asks ${to}`);
const call = find("call", SPECIALIST);

/** Whether what came back is something else than what was predicted. */
const differs = (question: Question, predicted: Outcome, result: Result): boolean =>
  differences([{ question, mode: "mesh", answer: judge(question, result) }], () => predicted).length > 0;

describe("an answer in the lab", () => {
  it("is a policy's refusal only in that policy's manner", () => {
    assert.ok(!differs(call, FORBIDDEN, { kind: "refused", status: 403 }));
    for (const status of [401, 404, 500, 502, 503])
      assert.ok(differs(call, FORBIDDEN, { kind: "refused", status }), String(status));
    for (const reason of ["ECONNRESET", "ECONNREFUSED"])
      assert.ok(differs(call, FORBIDDEN, { kind: "broken", reason }), reason);
    assert.ok(differs(call, FORBIDDEN, { kind: "silent" }));
    assert.ok(!differs(call, CUT, { kind: "broken", reason: "ECONNRESET" }));
    assert.ok(differs(call, CUT, { kind: "broken", reason: "ECONNREFUSED" }));
    assert.ok(!differs(call, DROPPED, { kind: "silent" }));
  });

  it("is one only of whoever was to answer", () => {
    const answered = (by: string): Result => ({ kind: "answered", by, ms: 1, headers: {} });
    const egress = find("egress", "outside/model-gpt");
    assert.ok(!differs(egress, "answered by outside/model-gpt", answered("outside/model-gpt")));
    assert.ok(differs(egress, "answered by outside/model-gpt", answered("outside/elsewhere")));
  });
});
