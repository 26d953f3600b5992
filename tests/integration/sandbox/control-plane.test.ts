import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import {
  type ControlPlane,
  controlPlaneStatus,
  type ProcessName,
  processNames,
  type SandboxHome,
  stopControlPlane,
} from "../../../sandbox/control-plane";
import { statusOf } from "../../../sandbox/control-plane/request";
import { UserError } from "../../../system/errors";
import { type Progress, silent } from "../../../system/progress";
import { ControlPlanes, pids, until } from "../../support/control-plane";

describe("control plane", function () {
  this.timeout(60_000);
  this.slow(10_000);

  let planes: ControlPlanes;
  let home: SandboxHome;
  let plane: ControlPlane;

  before(async function () {
    this.timeout(0);
    planes = await ControlPlanes.create();
    home = planes.home("one");
    plane = await planes.start(home);
  });

  after(() => planes?.remove());

  /** Progress that keeps what is noted. */
  function recorder(): Progress & { notes: string[] } {
    const notes: string[] = [];
    return { ...silent, notes, note: (text) => notes.push(text) };
  }

  async function kill(...names: ProcessName[]): Promise<void> {
    const running = await pids(home);
    for (const name of names) process.kill(running[name] ?? assert.fail(`${name} does not run`), "SIGKILL");
    await until(async () => {
      const left = await pids(home);
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
    assert.equal(await statusOf(endpoint, "/api"), 401);
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
    const before = await pids(home);
    assert.deepEqual(await planes.start(home), { ...plane, changed: false });
    assert.deepEqual(await pids(home), before);
  });

  it("knows nothing of another one beside it", async () => {
    const other = planes.home("two");
    const otherPlane = await planes.start(other);
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
      const before = await pids(home);
      await kill(...victims);
      assert.equal((await controlPlaneStatus(home)).state, "broken");
      assert.deepEqual(await planes.start(home), { ...plane, changed: true });
      const after = await pids(home);
      for (const name of processNames) {
        const victim = (victims as readonly ProcessName[]).includes(name);
        assert.equal(after[name] !== before[name], victim, name);
      }
      assert.deepEqual(await configMaps(), ["first"]);
    });
  }

  it("replaces an API server that does not answer", async function () {
    this.slow(30_000);
    const before = await pids(home);
    process.kill(before["kube-apiserver"] ?? 0, "SIGSTOP");
    const progress = recorder();
    await planes.start(home, "Metadata", progress);
    assert.deepEqual(progress.notes, [
      "The API server runs but does not answer: restarting the control plane.",
    ]);
    assert.deepEqual(await configMaps(), ["first"]);
  });

  it("takes another audit policy by restarting the API server alone", async () => {
    const before = await pids(home);
    const level = () => {
      const lines = readFileSync(home.auditLog, "utf8").trim().split("\n");
      const events = lines.map((line) => JSON.parse(line) as { level: string; verb: string });
      return events.filter(({ verb }) => verb === "create").at(-1)?.level;
    };
    assert.equal(level(), "Metadata");
    await planes.start(home, "Request");
    const after = await pids(home);
    assert.notEqual(after["kube-apiserver"], before["kube-apiserver"]);
    assert.deepEqual(
      [after.etcd, after["kube-controller-manager"]],
      [before.etcd, before["kube-controller-manager"]],
    );
    await createConfigMap("second");
    assert.equal(level(), "Request");
  });

  it("stops as a whole when it cannot start, and says why", async () => {
    await assert.rejects(planes.start(home, "Nonsense"), (error) => {
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
    const progress = recorder();
    const moved = await planes.start(home, "Metadata", progress);
    taken.close();
    const newPort = new URL(moved.url).port;
    assert.deepEqual(progress.notes, [
      `Port ${port} is taken by another process: using ${newPort} from now on.`,
    ]);
    assert.deepEqual(await configMaps(), ["first", "second"]);
    plane = moved;
  });
});
