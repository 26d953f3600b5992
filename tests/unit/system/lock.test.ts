import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../system/errors";
import { FileLock } from "../../../system/lock";
import { identify, type ProcessIdentity, self, terminate } from "../../../system/processes";

describe("lock", () => {
  let folder: string;
  let lock: FileLock;
  let other: ChildProcess;
  let identity: ProcessIdentity;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-lock-"));
    lock = new FileLock(join(folder, "lock"));
    other = spawn("sleep", ["60"], { stdio: "ignore" });
    const found = identify(other.pid ?? 0);
    assert.ok(found);
    identity = found;
  });

  afterEach(async () => {
    await terminate(identity);
    rmSync(folder, { recursive: true });
  });

  const heldBy = ({ pid, started }: ProcessIdentity) => symlinkSync(`${pid}|${started}|start`, lock.path);
  const target = () => readlinkSync(lock.path);

  it("says who holds it", () => {
    lock.acquire("stop", "/the/folder");
    assert.equal(target(), `${self.pid}|${self.started}|stop`);
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is refused while another process holds it", () => {
    heldBy(identity);
    assert.throws(
      () => lock.acquire("stop", "/the/folder"),
      new UserError(
        `/the/folder: another "start" is running (process ${identity.pid}).`,
        "Wait until it has finished, or end it with Ctrl-C where it runs, and try again.",
      ),
    );
    assert.match(target(), /\|start$/);
  });

  it("is taken from a process that runs no more", async () => {
    heldBy(identity);
    await terminate(identity);
    lock.acquire("stop", "/the/folder");
    assert.match(target(), /\|stop$/);
    assert.deepEqual(readdirSync(folder), ["lock"]);
  });

  it("is taken when another process has got the holder's number", () => {
    heldBy({ ...identity, started: "long ago" });
    lock.acquire("stop", "/the/folder");
    assert.match(target(), /\|stop$/);
  });

  it("is taken when nobody can be read from it", () => {
    writeFileSync(lock.path, "");
    lock.acquire("stop", "/the/folder");
    assert.match(target(), /\|stop$/);
  });
});
