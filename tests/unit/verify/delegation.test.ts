import assert from "node:assert/strict";
import type { Delegation } from "../../../topology/index";
import type { Context } from "../../../verify/checks/check";
import { delegation as check, judged, UNREQUESTED, unasked } from "../../../verify/checks/delegation";
import type { Reply } from "../../../verify/probes/a2a";
import { addAgent, devTopology } from "../../support/dev";
import { stubbed } from "../../support/stub-model";

const topology = stubbed();
const [delegation] = topology.delegations as [Delegation];
const tool = "team_beta__NS__specialist";

describe("what is made of a message along a delegation", () => {
  const good: Reply = {
    state: "completed",
    text: "It said: word-1",
    tools: [{ tool, text: "word-1", isAnswered: true }],
  };
  const status = (change: Partial<Reply>) =>
    [true, false].map((isStubbed) => judged(delegation, { ...good, ...change }, "word-1", isStubbed).status);

  it("passes only with the callee's own answer in the caller's", () => {
    assert.deepEqual(status({}), ["pass", "pass"]);
    assert.deepEqual(status({ state: "failed" }), ["fail", "fail"]);
    assert.deepEqual(status({ state: undefined }), ["fail", "fail"]);
    const refused = { tool, text: "request failed: 403 word-1", isAnswered: false };
    assert.deepEqual(status({ tools: [refused] }), ["fail", "fail"]);
    assert.deepEqual(status({ tools: [{ ...good.tools[0], tool: "other" } as Reply["tools"][0]] }), [
      "fail",
      "not answerable",
    ]);
  });

  it("holds nothing against a real model that it is free to do", () => {
    assert.deepEqual(status({ tools: [] }), ["fail", "not answerable"]);
    assert.deepEqual(status({ text: "done" }), ["fail", "not answerable"]);
    assert.deepEqual(status({ tools: [{ tool, text: "hello", isAnswered: true }] }), [
      "fail",
      "not answerable",
    ]);
  });
});

describe("whether a message is sent along a delegation", () => {
  it("only on request, and with the stub only where the stack declares it", async () => {
    const [found, ...others] = (await check.run({ topology } as Context)) ?? [];
    assert.deepEqual([found?.status, found?.detail, others], ["not answerable", UNREQUESTED, []]);
    for (const models of ["stub", "own"] as const)
      assert.equal(unasked({ topology, models }, delegation), undefined);
    const shipped = devTopology();
    const [real] = shipped.delegations as [Delegation];
    assert.equal(unasked({ topology: shipped, models: "own" }, real), undefined);
    assert.match(
      unasked({ topology: shipped, models: "stub" }, real) ?? "",
      /whose model gpt stands at http:/,
    );
  });

  it("not to a caller that no user reaches", () => {
    const more = stubbed((configuration) => {
      addAgent("team-beta/analyst")(configuration);
      configuration.delegations.push({ from: "team-beta/specialist", to: "team-beta/analyst" });
    });
    const inner = more.delegations.find(({ caller }) => caller.name === "specialist") as Delegation;
    assert.match(unasked({ topology: more, models: "stub" }, inner) ?? "", /it is not exposed/);
  });
});
