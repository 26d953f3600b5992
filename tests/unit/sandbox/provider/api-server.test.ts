import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ApiError, ApiServer, isApiError } from "../../../../sandbox/provider/kubernetes/api-server";
import { Discovery } from "../../../../sandbox/provider/kubernetes/discovery";
import { KubernetesPlugin } from "../../../../sandbox/provider/kubernetes/plugin";

describe("offline provider: requests to the API server", () => {
  let server: Server;
  let listener: RequestListener;
  let url: string;
  let sockets: Socket[];
  before(async () => {
    server = createServer((request, response) => listener(request, response));
    server.on("connection", (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    sockets = [];
  });
  afterEach(() => server.closeAllConnections());

  const api = () => new ApiServer({ server: url, namespace: "default", insecure: false, token: "t0ken" });

  it("logs in, and keeps its connection", async () => {
    const seen: unknown[] = [];
    listener = (request, response) => {
      seen.push([request.headers.authorization, request.url]);
      response.end("{}");
    };
    const connection = api();
    await connection.request("GET", "/a", { query: { dryRun: "All", force: "true" } });
    await connection.request("GET", "/b");
    assert.deepEqual(seen, [
      ["Bearer t0ken", "/a?dryRun=All&force=true"],
      ["Bearer t0ken", "/b"],
    ]);
    assert.equal(sockets.length, 1);
  });

  it("tries again on a connection that the server had closed", async () => {
    let count = 0;
    listener = (request, response) => {
      count++;
      if (count === 2) request.socket.resetAndDestroy();
      else response.end('{"ok":true}');
    };
    const connection = api();
    await connection.request("POST", "/a", { body: {} });
    assert.deepEqual(await connection.request("POST", "/b", { body: {} }), { ok: true });
    assert.equal(count, 3);
  });

  it("waits when the server is busy", async () => {
    let count = 0;
    listener = (_request, response) => {
      count++;
      if (count === 1) response.writeHead(429, { "retry-after": "0.01" });
      response.end("{}");
    };
    await api().request("GET", "/");
    assert.equal(count, 2);
  });

  it("passes on the server's words, and its text where there is no Status", async () => {
    const status = {
      kind: "Status",
      reason: "Invalid",
      message: 'Agent "x" is invalid',
      details: {
        causes: [{ field: "spec.type", message: "field is immutable", reason: "FieldValueInvalid" }],
      },
    };
    listener = (request, response) => {
      response.writeHead(422);
      response.end(request.url === "/status" ? JSON.stringify(status) : "no upstream\n");
    };
    await assert.rejects(api().request("GET", "/status"), (error) => {
      assert.ok(isApiError(error, 422));
      assert.equal(error.message, status.message);
      assert.deepEqual(error.causes, [{ field: "spec.type", message: "field is immutable" }]);
      return true;
    });
    await assert.rejects(api().request("GET", "/text"), new ApiError(422, "", "no upstream"));
  });

  it("asks again for a kind that was not there", async () => {
    let served = false;
    const asked: (string | undefined)[] = [];
    listener = (request, response) => {
      asked.push(request.url);
      const resources = [
        { name: "agents", kind: "Agent", namespaced: true },
        { name: "agents/status", kind: "Agent", namespaced: true },
        { name: "grants", kind: "Grant", namespaced: false },
      ];
      response.writeHead(served ? 200 : 404);
      response.end(JSON.stringify(served ? { resources } : { kind: "Status", message: "not found" }));
    };
    const discovery = new Discovery(api());
    const find = () => discovery.find("kagent.dev/v1alpha2", "Agent");
    assert.equal(await find(), undefined);
    served = true;
    await new Promise((resolve) => setTimeout(resolve, 260));
    const found = await Promise.all([find(), find(), find()]);
    for (const mapping of found) {
      assert.equal(mapping?.path("team", "x"), "/apis/kagent.dev/v1alpha2/namespaces/team/agents/x");
    }
    const grant = await discovery.find("kagent.dev/v1alpha2", "Grant");
    assert.equal(grant?.path("team"), "/apis/kagent.dev/v1alpha2/grants");
    assert.deepEqual(asked, ["/apis/kagent.dev/v1alpha2", "/apis/kagent.dev/v1alpha2"]);
  });
});

describe("offline provider without a cluster", () => {
  const urn = "urn:pulumi:dev::p::kubernetes:core/v1:ConfigMap::cm";
  const inputs = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "x", namespace: "team" },
    data: { k: "v" },
  };
  const state = { ...inputs, __inputs: inputs };
  const kubeconfig = JSON.stringify({
    "current-context": "c",
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    contexts: [{ name: "c", context: { cluster: "c" } }],
  });
  const plugin = (variables: Record<string, string> = {}) => {
    const silent = { warning: () => {}, status: () => {} };
    const result = new KubernetesPlugin("1.2.3", silent);
    const all = Object.entries({ kubeconfig, ...variables });
    result.configure(new Map(all.map(([key, value]) => [`kubernetes:config:${key}`, value])));
    return result;
  };
  const existing = { id: "team/x", urn, properties: state, timeoutSeconds: 0 };
  const sentence =
    /https:\/\/127\.0\.0\.1:1 cannot be reached \(connection refused\); is the sandbox running\?/;

  it("previews what it can", async () => {
    const args = { urn, inputs, timeoutSeconds: 0, preview: true };
    assert.deepEqual(await plugin().create(args), { id: "", properties: inputs });
    const news = { ...inputs, data: { k: "w" } };
    const { changes } = await plugin().diff({ id: "team/x", urn, olds: state, news, ignoreChanges: [] });
    assert.deepEqual([...changes.keys()], ["data.k"]);
  });

  it("fails with a sentence for what needs the cluster", async () => {
    await assert.rejects(plugin().create({ urn, inputs, timeoutSeconds: 0, preview: false }), sentence);
    await assert.rejects(plugin().delete(existing), sentence);
    await assert.rejects(plugin().read({ ...existing, inputs }), /PULUMI_K8S_DELETE_UNREACHABLE=true/);
    const missing = plugin({ kubeconfig: "/nowhere/kubeconfig" });
    const args = { urn, inputs, timeoutSeconds: 0, preview: false };
    await assert.rejects(missing.create(args), {
      message: "ConfigMap team/x was not created: the kubeconfig /nowhere/kubeconfig does not exist",
    });
  });

  it("drops what a cluster held that is gone for good, where the user says so", async () => {
    const gone = plugin({ deleteUnreachable: "true" });
    await gone.delete(existing);
    assert.equal(await gone.read({ ...existing, inputs }), undefined);
  });

  it("refuses what is no single object", async () => {
    const check = (type: string, kind: string) =>
      plugin().check({
        urn: `urn:pulumi:dev::p::${type}::x`,
        olds: {},
        news: { ...inputs, kind },
        proposedName: undefined,
        randomSeed: new Uint8Array(),
      });
    await assert.rejects(
      check("kubernetes:helm.sh/v3:Release", ""),
      /does not serve Helm releases and charts/,
    );
    await assert.rejects(
      check("kubernetes:yaml/v2:ConfigGroup", ""),
      /does not serve resources of type kubernetes:yaml/,
    );
    await assert.rejects(
      check("kubernetes:core/v1:ConfigMapPatch", "ConfigMap"),
      /does not serve Patch resources/,
    );
    await assert.rejects(check("kubernetes:core/v1:ConfigMapList", "ConfigMapList"), /does not serve lists/);
    assert.deepEqual((await check("kubernetes:core/v1:ConfigMap", "ConfigMap")).inputs, inputs);
  });
});
