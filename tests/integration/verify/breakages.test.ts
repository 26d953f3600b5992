import assert from "node:assert/strict";
import { installCrds } from "../../../sandbox/crds";
import { sandboxConfiguration } from "../../../sandbox/stack-workspace";
import { readTopology, type Topology } from "../../../topology/index";
import type { CheckResult, VerifyLayer } from "../../../verify/result";
import { verify } from "../../../verify/verify";
import { devConfiguration, eventually, useSandbox } from "../../support/sandbox";
import { BREAKAGES, swapEverything } from "./breakages";
import { POLICY_CRDS } from "./policy-crds";

describe("verify on a stack that is up", function () {
  this.timeout(60_000);
  const sandbox = useSandbox(devConfiguration);
  let topology: Topology;
  before(async () => {
    // Istio's own, which is not installed here.
    const root = { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system" } };
    assert.equal((await sandbox.api.create(root)).message, "");
    await installCrds(sandbox.home.kubeconfig, POLICY_CRDS);
    topology = readTopology(sandboxConfiguration(devConfiguration()));
  });

  const verified = (only?: readonly VerifyLayer[]): Promise<CheckResult[]> =>
    verify({ topology, cluster: { kubeconfig: sandbox.home.kubeconfig }, only, timeoutSeconds: 20 });
  const failures = (results: readonly CheckResult[]) => results.filter(({ status }) => status === "fail");

  it("fails at nothing, and answers what an API server alone can answer", async () => {
    // The API server looks for new admission rules once a second.
    await eventually(async () => assert.deepEqual(failures(await verified()), []));
    const results = await verified();
    const unanswered = new Set(
      results.filter(({ status }) => status !== "pass").map(({ layer, check }) => `${layer}: ${check}`),
    );
    assert.deepEqual([...unanswered].sort(), [
      "delegation: a user's message to the caller comes back with the callee's contribution",
      "identity: a callee gives no answer in plaintext",
      "identity: the mesh runs",
      "identity: the proxy in force takes mutual TLS only",
      "network: no pod but the declared ones can connect to an agent",
      "reconciler: the agent is Accepted and Ready",
      "reconciler: the controller refuses an undeclared delegation that admission let in",
      "routing: an agent of another team that is no declared caller gets no answer",
      "routing: the callee answers on the declared way with the declared token, and in no other way",
      "token: the agent's pod has the current token",
    ]);
  });

  for (const { title, layer, names, breakIt } of BREAKAGES)
    it(`names the layer and the object: ${title}`, async () => {
      const mend = await breakIt(sandbox.api);
      try {
        // Admission takes a moment to change its mind; everything else is there at once.
        await eventually(async () => {
          const found = failures(await verified([layer]));
          assert.ok(
            found.some(({ subject, detail }) => `${subject} ${detail}`.includes(names)),
            `it named ${found.map(({ subject, detail }) => `${subject}: ${detail}`).join("\n") || "nothing"}`,
          );
          assert.ok(found.every((result) => result.layer === layer));
        }, 5_000);
      } finally {
        await mend();
      }
    });

  it("names each that takes other keys, though all were swapped at once, with the tokens", async () => {
    const { stack } = sandbox.deployed;
    const [outputs, info] = await Promise.all([stack.outputs(), stack.info()]);
    const deployed = {
      outputs: Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value])),
      lastResult: info?.result,
    };
    const options = { topology, cluster: { kubeconfig: sandbox.home.kubeconfig }, timeoutSeconds: 20 };
    const found = async () =>
      failures(await verify({ ...options, deployed, only: ["token"] })).map(({ subject, detail }) =>
        [subject, detail].join(": "),
      );
    assert.deepEqual(await found(), []);
    const mend = await swapEverything(topology)(sandbox.api);
    try {
      const taken = "takes another key of the same name than the stack made";
      assert.deepEqual(await found(), [
        `RequestAuthentication kagent/a2a-gateway: ${taken}`,
        `RequestAuthentication team-beta/agent-specialist: ${taken}`,
      ]);
      // Nobody can tell without the stack: keys and tokens fit each other.
      assert.deepEqual(failures(await verify({ ...options, only: ["token"] })), []);
    } finally {
      await mend();
    }
  });

  it("fails at nothing once all of it is mended, and has left nothing behind", async () => {
    await eventually(async () => assert.deepEqual(failures(await verified()), []));
    const namespaces = await sandbox.api.list("/api/v1/namespaces");
    assert.ok(!namespaces.some(({ metadata }) => metadata.name.includes("verify")));
  });
});
