import assert from "node:assert/strict";
import { CannotRun, Failed } from "../../../verify/errors";
import { Api } from "../../../verify/live/api";
import { Cluster, MissingRight } from "../../../verify/live/cluster";
import { loadKubeconfig } from "../../../verify/live/kubeconfig";
import { withOwnObject } from "../../../verify/probes/own-object";
import { verify } from "../../../verify/verify";
import { devTopology } from "../../support/dev";
import { type LocalServer, startServer } from "../../support/server";
import { StubCluster } from "../../support/stub-cluster";

describe("what answers in the place of an API server", () => {
  const stub = new StubCluster();
  let local: LocalServer;
  type Said = readonly [code: number, body: string];
  let answer: Said | "never" | ((method: string, path: string) => Said) = [200, ""];
  before(async () => {
    await stub.start();
    local = await startServer((request, response) => {
      request.resume();
      if (answer === "never") return;
      const [code, body] =
        typeof answer === "function" ? answer(request.method ?? "", request.url ?? "") : answer;
      response.writeHead(code).end(body);
    });
    stub.pointAt(local.url);
  });
  after(async () => {
    await local.stop();
    await stub.stop();
  });

  const cluster = () => new Cluster(new Api(loadKubeconfig({ kubeconfig: stub.kubeconfig }), 5));
  async function cannotRun(code: number, body: string, expected: RegExp): Promise<void> {
    answer = [code, body];
    const run = { topology: devTopology(), cluster: { kubeconfig: stub.kubeconfig }, timeoutSeconds: 5 };
    await assert.rejects(verify(run), (error) => error instanceof CannotRun && expected.test(error.message));
  }

  it("is no API server where it sends a page", () =>
    cannotRun(200, "<html>Please log in</html>", /is no API server: to GET \/api.* it sends no JSON\.\n/));

  it("is not well, or has too much to do", async () => {
    const status = JSON.stringify({ kind: "Status", message: "etcdserver: request timed out" });
    await cannotRun(503, status, /answers 503 to GET \/api.*: etcdserver: request timed out\n/);
    await cannotRun(429, "", /answers 429 to GET \/api.*: HTTP status 429\n/);
    await cannotRun(500, status, /answers 500 to GET/);
  });

  it("has a kind in whichever version of its group, or not at all", async () => {
    const versions = ["v2", "v1"].map((version) => ({ groupVersion: `example.com/${version}` }));
    const paths: Record<string, Said> = {
      "/apis/example.com": [200, JSON.stringify({ preferredVersion: versions[0], versions })],
      "/apis/example.com/v2": [200, "{}"],
      "/apis/example.com/v1": [200, JSON.stringify({ resources: [{ name: "shops", kind: "Shop" }] })],
      "/apis/example.com/v1/shops?limit=500": [200, JSON.stringify({ items: [{ spec: 1 }] })],
    };
    answer = (_, path) => paths[path] ?? [404, "{}"];
    assert.deepEqual(await cluster().listOfGroup("example.com", "Shop"), [
      { apiVersion: "example.com/v1", kind: "Shop", spec: 1 },
    ]);
    assert.equal(await cluster().listOfGroup("example.com", "Inn"), undefined);
    assert.equal(await cluster().listOfGroup("example.org", "Shop"), undefined);
    paths["/apis/example.com/v1/shops?limit=500"] = [403, "{}"];
    await assert.rejects(
      cluster().listOfGroup("example.com", "Shop"),
      new MissingRight("list shops.example.com"),
    );
    paths["/apis/example.com/v2"] = [503, "{}"];
    await assert.rejects(cluster().listOfGroup("example.com", "Shop"), CannotRun);
  });

  it("need not answer once the user interrupts", async () => {
    answer = "never";
    const controller = new AbortController();
    const asked = new Api(loadKubeconfig({ kubeconfig: stub.kubeconfig }), 60, controller.signal);
    const ended = assert.rejects(asked.request("GET", "/api/v1"), /interrupted by the test/);
    await new Promise((resolve) => local.server.once("request", resolve));
    controller.abort(new Error("interrupted by the test"));
    await ended;
  });

  it("may refuse to take away what verify made, which is said", async () => {
    const resources = [{ name: "namespaces", kind: "Namespace", namespaced: false }];
    answer = (method) =>
      method === "GET"
        ? [200, JSON.stringify({ resources })]
        : method === "POST"
          ? [201, "{}"]
          : [403, JSON.stringify({ message: "you may not" })];
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "own" } };
    const api = new Api(loadKubeconfig({ kubeconfig: stub.kubeconfig }), 5);
    await assert.rejects(
      withOwnObject(
        api,
        namespace,
        ({ message }) => new Error(message),
        async () => "used",
      ),
      new Failed(
        "Namespace own of verify's own is left behind (you may not). Delete it: kubectl delete namespace own",
      ),
    );
  });

  it("is heard where a webhook answers a write", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "b" } };
    answer = [200, JSON.stringify({ resources: [{ name: "pods", kind: "Pod", namespaced: true }] })];
    const asked = cluster();
    await asked.list("v1", "Pod");
    answer = [500, JSON.stringify({ message: "failed calling webhook" })];
    assert.equal((await asked.wouldCreate(pod)).message, "failed calling webhook");
  });
});
