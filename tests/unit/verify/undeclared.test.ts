import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { plan } from "../../../components/plan/plan";
import { type Context, runCheck } from "../../../verify/checks/check";
import { undeclared } from "../../../verify/checks/undeclared";
import { Api } from "../../../verify/live/api";
import { Cluster } from "../../../verify/live/cluster";
import { loadKubeconfig } from "../../../verify/live/kubeconfig";
import type { Doc } from "../../../verify/static/objects";
import { devTopology } from "../../support/dev";
import { type LocalServer, startServer } from "../../support/server";
import { StubCluster } from "../../support/stub-cluster";

const REFUSED =
  "cross-namespace reference to agent team-alpha/orchestrator is not allowed from namespace team-beta";

describe("an undeclared delegation that is really created", () => {
  const stub = new StubCluster();
  const topology = devTopology();
  const agents = new Map<string, Doc>();
  let created: Doc[] = [];
  let status: Doc;
  let refusal: string | undefined;
  let local: LocalServer;

  function answer(method: string, path: string, body: string): [number, object] {
    if (path === "/apis/kagent.dev/v1alpha2")
      return [200, { resources: [{ name: "agents", kind: "Agent", namespaced: true }] }];
    if (method === "POST") {
      if (refusal !== undefined) return [422, { message: refusal }];
      const agent = JSON.parse(body);
      created.push(agent);
      agents.set(`${path}/${agent.metadata.name}`, { ...agent, status });
      return [201, agent];
    }
    if (method === "DELETE") return [agents.delete(path) ? 200 : 404, {}];
    return [200, agents.get(path) ?? {}];
  }
  before(async () => {
    await stub.start();
    local = await startServer(async (request, response) => {
      const [code, body] = answer(request.method ?? "", request.url ?? "", await text(request));
      response.writeHead(code).end(JSON.stringify(body));
    });
    stub.pointAt(local.url);
  });
  after(async () => {
    await local.stop();
    await stub.stop();
  });
  beforeEach(() => {
    created = [];
    status = {};
    refusal = undefined;
  });
  afterEach(() => assert.deepEqual([...agents.keys()], [], "left behind"));

  async function found(timeoutSeconds = 5, signal = new AbortController().signal) {
    const api = new Api(loadKubeconfig({ kubeconfig: stub.kubeconfig }), timeoutSeconds, signal);
    const asked = {
      topology,
      planned: plan(topology),
      cluster: new Cluster(api),
      signal,
      triesUndeclared: true,
    };
    return runCheck(undeclared, asked as unknown as Context);
  }
  const condition = (value: string, message: string) => ({
    conditions: [{ type: "Accepted", status: value, message }],
  });
  const verdicts = async (...args: Parameters<typeof found>) =>
    (await found(...args)).map(({ subject, status: verdict, detail }) => [subject, verdict, detail]).sort();
  const declared = [
    "team-beta/specialist",
    "not answerable",
    "every other team has an agent that may delegate to it",
  ];
  const pair = "team-beta -> team-alpha/orchestrator";

  it("passes where the controller refuses it word for word", async () => {
    status = condition("False", REFUSED);
    assert.deepEqual(await verdicts(), [[pair, "pass", REFUSED], declared]);
    const [{ metadata, spec }] = created as [Doc];
    assert.equal(metadata.namespace, "team-beta");
    assert.deepEqual(
      spec.declarative.tools.map(({ agent }: Doc) => `${agent.namespace}/${agent.name}`),
      ["team-alpha/orchestrator"],
    );
  });

  it("fails where the controller takes it, or refuses it for something else", async () => {
    status = condition("True", "");
    assert.deepEqual((await verdicts())[0]?.slice(0, 2), [pair, "fail"]);
    status = condition("False", "model config not found");
    assert.match(
      String((await verdicts())[0]?.[2]),
      /^the controller says Accepted=False: model config not found /,
    );
  });

  it("is not answerable where admission refuses it first, or no controller looks at it", async () => {
    refusal = "the delegation graph declares no such agent";
    assert.deepEqual((await verdicts())[0], [
      pair,
      "not answerable",
      `admission refuses it first, as it must: ${refusal}`,
    ]);
    refusal = undefined;
    assert.deepEqual((await verdicts(1))[0], [
      pair,
      "not answerable",
      "no kagent controller has looked at it within 1 s",
    ]);
  });

  it("is taken away when the user interrupts", async () => {
    const controller = new AbortController();
    const ended = assert.rejects(found(30, controller.signal), /interrupted by the test/);
    local.server.on("request", function interrupt({ method, url = "" }) {
      if (method !== "GET" || !url.includes("/agents/")) return;
      local.server.off("request", interrupt);
      controller.abort(new Error("interrupted by the test"));
    });
    await ended;
  });

  it("is not tried unless asked for", async () => {
    const [one, ...others] = await runCheck(undeclared, { topology } as Context);
    assert.deepEqual(
      [one?.status, one?.detail, others],
      ["not answerable", "it needs --try-undeclared, which creates an Agent", []],
    );
    assert.deepEqual(created, []);
  });
});
