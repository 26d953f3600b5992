import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { type Obtained, obtain } from "../../../sandbox/binaries";
import {
  type ControlPlane,
  controlPlaneStatus,
  type ProcessName,
  processNames,
  SandboxHome,
  startControlPlane,
  stopControlPlane,
} from "../../../sandbox/control-plane";
import { getStatus } from "../../../sandbox/control-plane/request";
import { UserError } from "../../../sandbox/errors";
import { sleep } from "../../../sandbox/system/interrupt";
import { type Progress, silent } from "../../../sandbox/system/progress";

const auditPolicy = (level: string) =>
  `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: ${level}, resources: [{resources: [configmaps]}]}]\n`;

describe("control plane", function () {
  this.timeout(60_000);
  this.slow(10_000);

  let folder: string;
  let home: SandboxHome;
  let plane: ControlPlane;
  let binaries: Obtained<ProcessName>;

  before(async function () {
    this.timeout(0); // a machine without the binaries builds them first
    binaries = await obtain(processNames);
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-plane-"));
    home = new SandboxHome(join(folder, "one"));
    plane = await start(home);
  });

  after(async () => {
    for (const name of readdirSync(folder)) await stopControlPlane(new SandboxHome(join(folder, name)));
    rmSync(folder, { recursive: true });
  });

  function start(where: SandboxHome, level = "Metadata", progress: Progress = silent): Promise<ControlPlane> {
    return startControlPlane(where, { auditPolicy: auditPolicy(level), binaries, progress });
  }

  async function pids(where = home): Promise<Record<ProcessName, number | undefined>> {
    const { processes } = await controlPlaneStatus(where);
    const pid = (name: ProcessName) => processes.find((process) => process.name === name)?.pid;
    return {
      etcd: pid("etcd"),
      "kube-apiserver": pid("kube-apiserver"),
      "kube-controller-manager": pid("kube-controller-manager"),
    };
  }

  async function kill(...names: ProcessName[]): Promise<void> {
    const running = await pids();
    for (const name of names) process.kill(running[name] ?? assert.fail(`${name} does not run`), "SIGKILL");
    await until(async () => {
      const left = await pids();
      return names.every((name) => left[name] === undefined);
    });
  }

  function client(where = home): CoreV1Api {
    const config = new KubeConfig();
    config.loadFromFile(where.kubeconfig);
    return config.makeApiClient(CoreV1Api);
  }

  async function createConfigMap(name: string, where = home): Promise<void> {
    await client(where).createNamespacedConfigMap({ namespace: "default", body: { metadata: { name } } });
  }

  async function configMaps(where = home): Promise<string[]> {
    const { items } = await client(where).listNamespacedConfigMap({ namespace: "default" });
    return items.map(({ metadata }) => metadata?.name ?? "").filter((name) => name !== "kube-root-ca.crt");
  }

  function answers(url: string): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  }

  it("is ready, for whoever holds its kubeconfig", async () => {
    assert.equal(plane.changed, true);
    assert.equal((await controlPlaneStatus(home)).state, "ready");
    assert.equal(statSync(plane.kubeconfigPath).mode & 0o777, 0o600);
    await createConfigMap("first");

    const endpoint = { url: plane.url, certificateFile: join(home.pki, "apiserver.crt"), token: "guessed" };
    assert.equal(await getStatus(endpoint, "/api"), 401);
  });

  it("listens on loopback only, with one port", () => {
    if (process.platform !== "linux") return;
    const addresses = ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/net/${table}`, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/)),
    );
    const port = Number(new URL(plane.url).port).toString(16).toUpperCase().padStart(4, "0");
    const listening = addresses.filter(([, local, , state]) => state === "0A" && local?.endsWith(`:${port}`));
    assert.deepEqual(
      listening.map(([, local]) => local),
      [`0100007F:${port}`],
    );
  });

  it("has the controllers that namespaces need", async () => {
    const body = { metadata: { name: "short-lived" } };
    await client().createNamespace({ body });
    await until(async () => {
      const { items } = await client().listNamespacedServiceAccount({ namespace: "short-lived" });
      return items.length === 1;
    });
    await client().deleteNamespace({ name: "short-lived" });
    await until(async () => {
      const { items } = await client().listNamespace();
      return items.every(({ metadata }) => metadata?.name !== "short-lived");
    });
  });

  it("stays as it is when started again", async () => {
    const before = await pids();
    assert.deepEqual(await start(home), { ...plane, changed: false });
    assert.deepEqual(await pids(), before);
  });

  it("knows nothing of another one beside it", async () => {
    const other = new SandboxHome(join(folder, "two"));
    const otherPlane = await start(other);
    assert.notEqual(otherPlane.url, plane.url);
    await createConfigMap("elsewhere", other);
    assert.deepEqual(await configMaps(), ["first"]);
    assert.deepEqual(await stopControlPlane(other), [...processNames].reverse());
    assert.deepEqual(await pids(other), {
      etcd: undefined,
      "kube-apiserver": undefined,
      "kube-controller-manager": undefined,
    });
    assert.equal(await answers(otherPlane.url), false);
    assert.equal((await controlPlaneStatus(home)).state, "ready");
    await other.withLock("down", async () => other.remove());
    assert.equal(existsSync(other.path), false);
  });

  for (const victims of [
    ["kube-apiserver"],
    ["etcd"],
    ["kube-apiserver", "kube-controller-manager"],
  ] as const) {
    it(`gets back what was killed: ${victims.join(" and ")}`, async () => {
      const before = await pids();
      await kill(...victims);
      assert.equal((await controlPlaneStatus(home)).state, "broken");
      assert.deepEqual(await start(home), { ...plane, changed: true });
      const after = await pids();
      for (const name of processNames) {
        const victim = (victims as readonly ProcessName[]).includes(name);
        (victim ? assert.notEqual : assert.equal)(after[name], before[name], name);
      }
      assert.deepEqual(await configMaps(), ["first"]);
    });
  }

  it("replaces an API server that does not answer", async function () {
    this.slow(30_000);
    const before = await pids();
    process.kill(before["kube-apiserver"] ?? 0, "SIGSTOP");
    const notes: string[] = [];
    await start(home, "Metadata", { ...silent, note: (text) => notes.push(text) });
    assert.deepEqual(notes, ["The API server runs but does not answer: restarting the control plane."]);
    assert.deepEqual(await configMaps(), ["first"]);
  });

  it("takes another audit policy by restarting the API server alone", async () => {
    const before = await pids();
    const level = () => {
      const lines = readFileSync(home.auditLog, "utf8").trim().split("\n");
      const events = lines.map((line) => JSON.parse(line) as { level: string; verb: string });
      return events.filter(({ verb }) => verb === "create").at(-1)?.level;
    };
    assert.equal(level(), "Metadata");
    await start(home, "Request");
    const after = await pids();
    assert.notEqual(after["kube-apiserver"], before["kube-apiserver"]);
    assert.deepEqual(
      [after.etcd, after["kube-controller-manager"]],
      [before.etcd, before["kube-controller-manager"]],
    );
    await createConfigMap("second");
    assert.equal(level(), "Request");
  });

  it("stops as a whole when it cannot start, and says why", async () => {
    await assert.rejects(start(home, "Nonsense"), (error) => {
      assert.ok(error instanceof UserError);
      const [what, why, log, ...more] = error.message.split("\n");
      assert.equal(what, "kube-apiserver ended while the control plane was starting. It last said:");
      assert.match(why ?? "", /^ {2}E\d{4} .*Unsupported value: \\"Nonsense\\"/);
      assert.equal(log, `Its whole log: ${join(home.logs, "kube-apiserver.log")}`);
      assert.deepEqual(more, []);
      return true;
    });
    assert.equal((await controlPlaneStatus(home)).state, "stopped");
    assert.equal(await answers(plane.url), false);
  });

  it("uses another port when its own is taken", async () => {
    const taken = createServer();
    const port = Number(new URL(plane.url).port);
    await new Promise<void>((resolve) => taken.listen(port, "127.0.0.1", resolve));
    const notes: string[] = [];
    const moved = await start(home, "Metadata", { ...silent, note: (text) => notes.push(text) });
    taken.close();
    const newPort = new URL(moved.url).port;
    assert.deepEqual(notes, [`Port ${port} is taken by another process: using ${newPort} from now on.`]);
    assert.deepEqual(await configMaps(), ["first", "second"]);
    plane = moved;
  });

  describe("in a command of its own", () => {
    /** Starts a control plane in another process, as a user's command would. */
    function command(where: SandboxHome) {
      const script = `
        const { SandboxHome, startControlPlane } = require("./sandbox/control-plane");
        const options = ${JSON.stringify({ auditPolicy: auditPolicy("Metadata"), binaries })};
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
      const three = new SandboxHome(join(folder, "three"));
      for (const moment of processNames) {
        const { child, ended } = command(three);
        await until(async () => (await pids(three))[moment] !== undefined);
        child.kill("SIGINT");
        assert.deepEqual(await ended, { code: 130, said: "Interrupted (SIGINT)." }, moment);
        assert.equal((await controlPlaneStatus(three)).state, "stopped", moment);
        assert.ok(!readdirSync(three.path).includes("lock"));
      }
    });

    it("keeps others waiting while it runs, and leaves them its work when it is killed", async () => {
      const four = new SandboxHome(join(folder, "four"));
      const { child, ended } = command(four);
      await until(async () => (await pids(four))["kube-apiserver"] !== undefined);
      await assert.rejects(
        start(four),
        new UserError(
          `${four.path}: another "start" is running (process ${child.pid}).`,
          "Wait until it has finished, or end it with Ctrl-C where it runs, and try again.",
        ),
      );
      child.kill("SIGKILL");
      await ended;
      const left = await pids(four);
      assert.ok(left.etcd && left["kube-apiserver"]);
      await start(four);
      const now = await pids(four);
      assert.deepEqual([now.etcd, now["kube-apiserver"]], [left.etcd, left["kube-apiserver"]]);
      assert.deepEqual(await stopControlPlane(four), [...processNames].reverse());
    });
  });

  async function until(check: () => Promise<boolean>): Promise<void> {
    while (!(await check())) await sleep(25);
  }
});
