import assert from "node:assert/strict";
import { type Clock, LineProgress } from "../../../system/progress";

describe("progress", () => {
  let written: string;
  const log = { write: (text: string) => (written += text) };
  const terminal = { ...log, isTTY: true, columns: 40 };

  let seconds: number;
  let onTick: (() => void) | undefined;
  const clock: Clock = {
    now: () => seconds * 1_000,
    every: (_ms, callback) => {
      onTick = callback;
      return () => {
        onTick = undefined;
      };
    },
  };

  beforeEach(() => {
    written = "";
    seconds = 0;
  });
  afterEach(() => assert.equal(onTick, undefined, "still ticks after the last step"));

  function pass(count: number): void {
    for (let second = 0; second < count; second++) {
      seconds += 1;
      onTick?.();
    }
  }

  async function stepFor(count: number, progress: LineProgress, detail = ""): Promise<void> {
    await progress.step("etcd", async (say) => {
      say(detail);
      pass(count);
    });
  }

  it("says nothing about short work", async () => {
    await stepFor(1, new LineProgress(log, clock));
    assert.equal(written, "");
  });

  it("writes a line now and then into a log", async () => {
    await stepFor(20, new LineProgress(log, clock), "building");
    assert.equal(written, "etcd ... building, 2 s\netcd ... building, 17 s\netcd: done, 20 s\n");
  });

  it("rewrites one line on a terminal, and no longer than it is wide", async () => {
    await stepFor(3, new LineProgress(terminal, clock), "x".repeat(60));
    const line = `etcd ... ${"x".repeat(30)}`;
    assert.equal(written, `\r\x1b[K${line}\r\x1b[K${line}\r\x1b[Ketcd: done, 3 s\n`);
  });

  it("keeps the status line below what is noted", async () => {
    const progress = new LineProgress(terminal, clock);
    await progress.step("etcd", async () => {
      pass(2);
      written = "";
      progress.note("a note");
    });
    assert.equal(written, "\r\x1b[Ka note\n\r\x1b[Ketcd ... 2 s\r\x1b[Ketcd: done, 2 s\n");
  });

  it("says when work failed, and passes the error on", async () => {
    const progress = new LineProgress(log, clock);
    const working = progress.step("etcd", async () => {
      pass(2);
      throw new Error("no disk");
    });
    await assert.rejects(working, new Error("no disk"));
    assert.match(written, /etcd: failed, 2 s\n$/);
  });
});
