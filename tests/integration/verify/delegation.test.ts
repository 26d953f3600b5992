import assert from "node:assert/strict";
import { obtainRuntime } from "../../../lab/parts/kagent-adk";
import type { Delegation } from "../../../topology/index";
import { delegated } from "../../../verify/checks/delegation";
import type { Http } from "../../../verify/probes/port-forward";
import { KagentRuntimes } from "../../support/kagent-runtimes";
import { skipWithout } from "../../support/skip";
import { StubModel, stubbed } from "../../support/stub-model";

/** With kagent's own runtime of agents and the stub model. */
describe("verify's message along a delegation", function () {
  this.timeout(120_000);
  const [delegation] = stubbed().delegations as [Delegation];
  let stub: StubModel;
  let runtimes: KagentRuntimes;

  before(async function () {
    this.timeout(400_000);
    const packages = await obtainRuntime();
    if ("missing" in packages) return skipWithout(this, packages.missing);
    stub = await StubModel.start();
    runtimes = await KagentRuntimes.start(packages, delegation, stub.url);
  });
  after(async () => {
    await runtimes?.stop();
    await stub?.stop();
  });

  const http: Http = async ({ method, path, headers = {}, body }) => {
    const { "content-length": _length, ...others } = headers;
    const init = { method, headers: others, ...(body !== undefined && { body }) };
    const answer = await fetch(`${runtimes.url}${path}`, init);
    return { status: answer.status, body: await answer.text() };
  };

  it("comes back with the callee's contribution, and leaves no session behind", async () => {
    assert.deepEqual(await delegated(http, delegation, true), {
      subject: "team-alpha/orchestrator -> team-beta/specialist",
      status: "pass",
      detail: "the callee's contribution came back",
    });
    const users = new Set(runtimes.deleted.map(({ user }) => user));
    assert.equal(users.size, 1);
    assert.match([...users][0] ?? "", /^kagent-a2a-verify-[0-9a-f]{8}$/);
    // The caller's and the callee's.
    assert.equal(runtimes.deleted.length, 2);
  });

  it("fails where the caller has no such tool: its model answers alone", async () => {
    const { caller } = delegation;
    const other = { ...delegation, callee: { ...delegation.callee, name: "other" } } as Delegation;
    const found = await delegated(http, { ...other, caller } as Delegation, true);
    assert.deepEqual([found.status, found.detail], ["fail", "its model answered without delegating"]);
    // A real model may choose not to.
    assert.equal((await delegated(http, other, false)).status, "not answerable");
  });

  it("fails where the controller knows no such agent", async () => {
    const other = { ...delegation, caller: { ...delegation.caller, name: "other" } } as Delegation;
    const { status, detail } = await delegated(http, other, true);
    assert.equal(status, "fail");
    assert.match(detail, /without an answer \(HTTP 404: .*Agent team-alpha\/other not found/);
  });

  it("fails where the callee is not reached", async () => {
    runtimes.endCallee();
    const { status, detail } = await delegated(http, delegation, true);
    assert.equal(status, "fail");
    assert.match(detail, /^the message came back without an answer \(failed: .*agent card/);
  });
});
