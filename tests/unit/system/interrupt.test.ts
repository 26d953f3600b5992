import assert from "node:assert/strict";
import { endingSignals, Interrupted } from "../../../system/errors";
import { interruptible, sleep } from "../../../system/interrupt";

describe("interruption", () => {
  it("aborts the work, lets it clean up, and then ends with the shell's exit code", async () => {
    const events: string[] = [];
    const working = interruptible(async (signal) => {
      try {
        await sleep(10_000, signal);
      } catch (error) {
        await sleep(20);
        events.push("cleaned up");
        throw error;
      }
    });
    process.emit("SIGTERM", "SIGTERM");
    await assert.rejects(working, (error) => {
      assert.ok(error instanceof Interrupted);
      assert.equal(error.message, "Interrupted (SIGTERM).");
      assert.equal(error.exitCode, 143);
      return true;
    });
    assert.deepEqual(events, ["cleaned up"]);
  });

  it("is the error even when the work fails of it in its own way, or ends well", async () => {
    const failing = interruptible(async (signal) => {
      await sleep(10_000, signal).catch(() => {});
      throw new Error("connection lost");
    });
    const ending = interruptible((signal) => sleep(10_000, signal).catch(() => {}));
    process.emit("SIGINT", "SIGINT");
    await assert.rejects(failing, Interrupted);
    await assert.rejects(ending, Interrupted);
  });

  it("reaches nested work from outside", async () => {
    const outer = new AbortController();
    const reason = new Error("enough");
    const working = interruptible(
      (signal) => interruptible((inner) => sleep(10_000, inner), signal),
      outer.signal,
    );
    outer.abort(reason);
    await assert.rejects(working, reason);
    await assert.rejects(
      interruptible(async () => assert.fail("began"), outer.signal),
      reason,
    );
  });

  it("leaves no handlers behind", async () => {
    const count = () => endingSignals.map((name) => process.listenerCount(name));
    const before = count();
    await interruptible(async () => assert.notDeepEqual(count(), before));
    await interruptible(async () => assert.fail("failed")).catch(() => {});
    assert.deepEqual(count(), before);
  });
});
