import assert from "node:assert/strict";
import { Api } from "../../../verify/live/api";
import { loadKubeconfig } from "../../../verify/live/kubeconfig";
import { NoStub, withStub } from "../../../verify/stub-model/deploy";
import { STUB } from "../../../verify/stub-model/place";
import { devConfiguration, eventually, useSandbox } from "../../support/sandbox";
import { StubModel } from "../../support/stub-model";

describe("the stub model on a cluster", function () {
  this.timeout(60_000);
  const sandbox = useSandbox();
  before(async function () {
    this.timeout(120_000);
    await sandbox.prepare(devConfiguration());
  });

  const { namespace, name } = STUB;
  const place = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const pod = () => sandbox.api.find("v1", "Pod", name, namespace);
  const isGone = () =>
    eventually(async () => assert.equal(await sandbox.api.find("v1", "Namespace", namespace), undefined));
  const deploy = <T>(use: () => Promise<T>, timeoutSeconds = 20, signal = new AbortController().signal) =>
    withStub(
      new Api(loadKubeconfig({ kubeconfig: sandbox.home.kubeconfig }), 10),
      { image: "example.com/ui:1", timeoutSeconds, signal },
      use,
    );

  /** What a kubelet would say of the pod; the controller of namespaces takes it away only without a node. */
  async function report(conditions: readonly object[]): Promise<void> {
    await eventually(async () => assert.ok(await pod()));
    const body = {
      status: { phase: "Running", podIP: "192.0.2.7", podIPs: [{ ip: "192.0.2.7" }], conditions },
    };
    const answer = await sandbox.api.request("PATCH", `${place}/status`, { type: "merge-patch+json", body });
    assert.equal(answer.message, "");
  }

  it("is what the pod's own command runs, behind its Service, and gone afterwards", async () => {
    const used = deploy(async () => {
      const { spec } = (await pod()) as unknown as { spec: { containers: [{ command: string[] }] } };
      const service = await sandbox.api.read("v1", "Service", name, namespace);
      const { selector, ports } = service.spec as { selector: object; ports: [{ port: number }] };
      assert.deepEqual([selector, ports[0].port], [STUB.labels, STUB.port]);
      const stub = await StubModel.start(spec.containers[0].command);
      try {
        return (await fetch(`${stub.url}/healthz`)).status;
      } finally {
        await stub.stop();
      }
    });
    await report([{ type: "Ready", status: "True" }]);
    assert.equal(await used, 200);
    await isGone();
  });

  it("may run where Pod Security is restricted", async () => {
    const used = deploy(async () => (await pod()) as unknown as { spec: object });
    await report([{ type: "Ready", status: "True" }]);
    const { spec } = await used;
    await isGone();
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    const restricted = { apiVersion: "v1", kind: "Namespace", metadata: { name: "restricted", labels } };
    assert.equal((await sandbox.api.create(restricted)).message, "");
    const { nodeName: _node, ...own } = spec as { nodeName?: string };
    const again = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "restricted" }, spec: own };
    assert.equal((await sandbox.api.create(again, { dryRun: "All" })).message, "");
  });

  it("is gone when it does not become ready", async () => {
    const used = assert.rejects(
      deploy(async () => assert.fail("it was never ready"), 1),
      (error) => error instanceof NoStub && /did not run within 1 s \(not ready\)/.test(error.message),
    );
    await report([]);
    await used;
    await isGone();
  });

  it("is gone when the user interrupts", async () => {
    const controller = new AbortController();
    const used = assert.rejects(
      deploy(async () => assert.fail("nobody let it run"), 30, controller.signal),
      /interrupted by the test/,
    );
    await eventually(async () => assert.ok(await pod()));
    controller.abort(new Error("interrupted by the test"));
    await used;
    await isGone();
  });

  it("leaves alone a namespace that somebody else made", async () => {
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    assert.equal((await sandbox.api.create(object)).message, "");
    await assert.rejects(
      deploy(async () => assert.fail("it is not ours")),
      (error) => error instanceof NoStub && /exists already/.test(error.message),
    );
    assert.ok(await sandbox.api.find("v1", "Namespace", namespace));
    await sandbox.api.remove(object);
  });
});
