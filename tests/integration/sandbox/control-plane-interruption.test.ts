import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  controlPlaneStatus,
  processNames,
  type SandboxHome,
  stopControlPlane,
} from "../../../sandbox/control-plane";
import { UserError } from "../../../system/errors";
import { auditPolicy, ControlPlanes, pids, until } from "../../support/control-plane";

describe("control plane of another command", function () {
  this.timeout(60_000);
  this.slow(15_000);

  let planes: ControlPlanes;

  before(async function () {
    this.timeout(0);
    planes = await ControlPlanes.create();
  });

  after(() => planes?.remove());

  /** Starts a control plane in another process, as a user's command would. */
  function command(where: SandboxHome) {
    const script = `
      const { SandboxHome, startControlPlane } = require("./sandbox/control-plane");
      const options = ${JSON.stringify({ auditPolicy: auditPolicy("Metadata"), binaries: planes.binaries })};
      startControlPlane(new SandboxHome(${JSON.stringify(where.path)}), options)
        .catch((error) => { process.stderr.write(error.message); process.exitCode = error.exitCode; });`;
    const child = spawn(process.execPath, ["--import", "tsx", "-e", script], {
      cwd: join(__dirname, "..", "..", ".."),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (text) => (said += text));
    const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
      child.once("close", (code) => resolve({ code, said })),
    );
    return { child, ended };
  }

  it("is undone by Ctrl-C", async () => {
    const home = planes.home("one");
    for (const moment of ["etcd", "kube-controller-manager"] as const) {
      const { child, ended } = command(home);
      await until(async () => (await pids(home))[moment] !== undefined);
      child.kill("SIGINT");
      assert.deepEqual(await ended, { code: 130, said: "Interrupted (SIGINT)." }, moment);
      assert.equal((await controlPlaneStatus(home)).state, "stopped", moment);
      assert.ok(!readdirSync(home.path).includes("lock"));
    }
  });

  it("keeps others waiting while it runs, and leaves them its work when it is killed", async () => {
    const home = planes.home("two");
    const { child, ended } = command(home);
    await until(async () => (await pids(home))["kube-apiserver"] !== undefined);
    await assert.rejects(
      planes.start(home),
      new UserError(
        `${home.path}: another "start" is running (process ${child.pid}).`,
        "Wait until it has finished, or end it with Ctrl-C where it runs, and try again.",
      ),
    );
    child.kill("SIGKILL");
    await ended;
    const left = await pids(home);
    assert.ok(left.etcd && left["kube-apiserver"]);
    await planes.start(home);
    const now = await pids(home);
    assert.deepEqual([now.etcd, now["kube-apiserver"]], [left.etcd, left["kube-apiserver"]]);
    assert.deepEqual(await stopControlPlane(home), [...processNames].reverse());
  });
});
