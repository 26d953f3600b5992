import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signToken } from "../../../components/layers/token-signing";
import { type Delegation, tokenClaims } from "../../../topology/index";
import type { Finding } from "../../../verify/checks/check";
import { type HeldToken, heldToken } from "../../../verify/checks/held-token";
import { podFinding } from "../../../verify/checks/token";
import { devTopology } from "../../support/dev";
import { LocalExecutor, skipWithoutPython } from "../../support/local-executor";

const PLACE = { namespace: "team-alpha", pod: "orchestrator-0", container: "agent" };

describe("the token in an agent's pod", () => {
  const [delegation] = devTopology().delegations as [Delegation];
  const { caller, callee } = delegation;
  const tokenOf = (generation: string) =>
    signToken(tokenClaims(caller, callee, generation), "password", generation);
  const path = () => join(folder, "config.json");
  let folder: string;
  let token: HeldToken;
  before(async function () {
    skipWithoutPython(this);
    folder = mkdtempSync(join(tmpdir(), "pod-token-"));
    const data = { "team-beta.specialist": Buffer.from(tokenOf("2")).toString("base64") };
    token = await heldToken(
      { get: async () => ({ code: 200, body: { data }, text: "", message: "" }) },
      delegation,
    );
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  function found(content?: object): Promise<Finding> {
    if (content !== undefined) writeFileSync(path(), JSON.stringify(content));
    return podFinding(new LocalExecutor(), PLACE, delegation, token, path());
  }
  const configured = (value: string) => ({ remote_agents: [{ headers: { "X-Agent-Token": value } }] });

  it("is not answerable where the pod has no configuration to be read", async () => {
    assert.equal((await found()).status, "not answerable");
  });
  it("is the current one, wherever the configuration names the header", async () => {
    assert.equal((await found(configured(tokenOf("2")))).status, "pass");
  });
  it("is another one after a rotation that did not reach it", async () => {
    const { status, detail } = await found(configured(tokenOf("1")));
    assert.equal(status, "fail");
    assert.match(detail, /has another token: change a label of Agent team-alpha\/orchestrator$/);
  });
  it("is missing where only another header holds it", async () => {
    const other = { remote_agents: [{ headers: { "X-Other": tokenOf("2") } }] };
    assert.equal((await found(other)).status, "fail");
  });
});
