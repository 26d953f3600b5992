/** What the API server refuses once the stack is up, and what it still lets through beside it. */
import assert from "node:assert/strict";
import { DRY_RUN, type KubeApi, type KubeObject } from "../../support/kube-api";
import { assertRefused, eventually, useSandbox } from "../../support/sandbox";
import { changed, written } from "./admission/change";
import { describeAdmission, guardedConfiguration } from "./admission/suite";
import { describeRights } from "./rights";
import { describeSecrecy } from "./secrecy";

const AGENT_VERSION = "kagent.dev/v1alpha2";

describe("guards of a stack that is up", function () {
  this.timeout(30_000);
  const sandbox = useSandbox(guardedConfiguration);
  let api: KubeApi;
  /** Delegates to nobody. */
  let librarian: KubeObject;

  before(async () => {
    api = sandbox.api;
    const orchestrator = await api.read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
    librarian = await api.read(AGENT_VERSION, "Agent", "librarian", "team-alpha");
    // The API server looks for new rules once a second.
    await eventually(async () => {
      const opened = changed(orchestrator, { "spec.allowedNamespaces": { from: "All" } });
      assertRefused(await api.replace(opened, DRY_RUN), "allowedNamespaces");
      const labels = { "kagent.dev/agent-consumer": "true" };
      const rogue = { apiVersion: "v1", kind: "Namespace", metadata: { name: "rogue", labels } };
      assertRefused(await api.create(rogue, DRY_RUN), "kagent.dev/agent-consumer");
    });
  });

  describeAdmission({
    api: () => api,
    denial: /ValidatingAdmissionPolicy '.*' with binding '.*' denied request/,
  });

  /** As it stands when a declaration goes: the object is older than the rules. */
  async function leave(object: KubeObject, policy: string): Promise<void> {
    const kind = "ValidatingAdmissionPolicyBinding";
    const binding = await api.read("admissionregistration.k8s.io/v1", kind, policy);
    await api.remove(binding);
    try {
      await eventually(async () => assert.equal((await api.apply(object)).message, ""));
    } finally {
      await api.create(written(binding));
    }
  }

  it("let an Agent that is not declared any more end", async () => {
    const left = changed(written(librarian, "leftover"), {
      "metadata.finalizers": ["example.com/hold"],
    });
    await leave(left, "kagent-a2a-agents");
    await eventually(async () =>
      assertRefused(await api.create(written(librarian, "shadow"), DRY_RUN), "declares no such agent"),
    );
    assert.equal((await api.remove(left)).code, 200);
    assert.equal(
      (await api.patch({ ...left, metadata: { ...left.metadata, finalizers: null }, spec: {} })).message,
      "",
    );
    assert.equal(await api.find(AGENT_VERSION, "Agent", "leftover", "team-alpha"), undefined);
  });

  it("let a Namespace that is not declared any more end", async function () {
    this.timeout(90_000);
    const labelled = (name: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { "kagent.dev/agent-consumer": "true" } },
    });
    await leave(labelled("leftover"), "kagent-a2a-namespaces");
    await eventually(async () =>
      assertRefused(await api.create(labelled("rogue"), DRY_RUN), "may not carry the label"),
    );
    assert.equal((await api.remove(labelled("leftover"))).code, 200);
    const gone = async () => assert.equal(await api.find("v1", "Namespace", "leftover"), undefined);
    await eventually(gone, 60_000);
  });

  it("refuses a privileged pod by Pod Security", async () => {
    const pod = (securityContext: object) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "shell", namespace: "team-alpha" },
      spec: { containers: [{ name: "shell", image: "example.com/shell:1", securityContext }] },
    });
    const restricted = {
      runAsNonRoot: true,
      runAsUser: 1001,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    };
    assertRefused(
      await api.create(pod({ privileged: true }), DRY_RUN),
      'violates PodSecurity "restricted:v1.33"',
    );
    assertRefused(await api.create(pod({ ...restricted, runAsUser: 0 }), DRY_RUN), "violates PodSecurity");
    assert.equal((await api.create(pod(restricted), DRY_RUN)).message, "");
  });

  describeRights(sandbox);
  describeSecrecy(sandbox);
});
