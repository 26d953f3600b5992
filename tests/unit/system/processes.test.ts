import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { identify, isRunning, type ProcessIdentity, self, terminate } from "../../../system/processes";

/** A shell that says when it is ready for signals. */
async function shell(script: string): Promise<ProcessIdentity> {
  const child = spawn("sh", ["-c", `${script}; echo ready; while :; do sleep 0.1; done`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  const identity = identify(child.pid ?? 0);
  assert.ok(identity);
  return identity;
}

describe("processes", () => {
  it("are known by number and start time", async () => {
    const identity = await shell(":");
    assert.deepEqual(identify(identity.pid), identity);
    assert.notEqual(identity.started, self.started);
    assert.equal(isRunning(identity), true);
    assert.equal(isRunning({ ...identity, started: self.started }), false);
    await terminate(identity);
    assert.equal(isRunning(identity), false);
    assert.equal(identify(identity.pid), undefined);
  });

  it("are killed when they do not heed a request to end", async () => {
    const identity = await shell("trap '' TERM");
    const before = Date.now();
    await terminate(identity, 200);
    assert.ok(Date.now() - before >= 200);
    assert.equal(isRunning(identity), false);
  });

  it("are left alone when they have only the number of the one to end", async () => {
    const identity = await shell(":");
    await terminate({ ...identity, started: "long ago" });
    assert.equal(isRunning(identity), true);
    await terminate(identity);
  });

  it("do not exist under numbers nobody has", () => {
    assert.equal(identify(999_999_999), undefined);
  });
});
