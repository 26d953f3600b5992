import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPlaneStatus, SandboxHome, stopControlPlane } from "../../../../sandbox/control-plane";
import { readState, writeState } from "../../../../sandbox/control-plane/state";
import { self } from "../../../../system/processes";

describe("state of a control plane", () => {
  let folder: string;
  let home: SandboxHome;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-state-"));
    home = new SandboxHome(join(folder, "home"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is stopped where there is no sandbox, and asking creates none", async () => {
    const { state, url, processes } = await controlPlaneStatus(home);
    assert.deepEqual(
      [state, url, processes.map(({ pid }) => pid)],
      ["stopped", undefined, [undefined, undefined, undefined]],
    );
    assert.deepEqual(await stopControlPlane(home), []);
    assert.equal(home.exists(), false);
  });

  it("never takes another process for one of its own", async () => {
    home.prepare();
    const record = { pid: self.pid, started: "long ago", fingerprint: "" };
    writeState(home, { port: 6443, processes: { etcd: record, "kube-apiserver": record } });
    assert.equal((await controlPlaneStatus(home)).state, "stopped");
    assert.deepEqual(await stopControlPlane(home), []);
    assert.deepEqual(readState(home), { port: 6443, processes: {} });
  });

  it("says so when its file is damaged", () => {
    home.prepare();
    home.write(`${home.run}/state.json`, "{");
    assert.throws(
      () => readState(home),
      (error) => {
        assert.ok(error instanceof Error);
        const [what, fix] = error.message.split("\n");
        assert.match(
          what ?? "",
          /\/run\/state\.json: cannot be understood \(.+\), so what runs is not known\.$/,
        );
        assert.equal(
          fix,
          `End the processes that work in ${home.path}, remove that folder, and start again.`,
        );
        return true;
      },
    );
  });
});
