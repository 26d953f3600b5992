/** What the API server refuses once the stack is up, and what it still lets through beside it. */
import assert from "node:assert/strict";
import { admissionPolicies } from "../../../components/layers/admission";
import { readTopology } from "../../../topology/index";
import { DRY_RUN, type KubeApi, type KubeObject } from "../../support/kube-api";
import {
  assertRefused,
  type Configuration,
  devConfiguration,
  eventually,
  useSandbox,
} from "../../support/sandbox";
import { AGENT_CASES } from "./admission/agents";
import { type AdmissionCase, changed } from "./admission/change";
import { MODEL_CONFIG_CASES } from "./admission/model-configs";
import { NAMESPACE_CASES } from "./admission/namespaces";
import { describeRights } from "./rights";
import { describeSecrecy } from "./secrecy";

/** The shipped pair, and in each team one more agent that nobody may delegate to. */
function configuration(): Configuration {
  const { agents, ...rest } = devConfiguration() as { agents: Record<string, Configuration> };
  const specialist = agents["team-beta/specialist"];
  return {
    ...rest,
    agents: {
      "team-alpha/orchestrator": { ...agents["team-alpha/orchestrator"], secrets: ["search-credentials"] },
      "team-alpha/librarian": specialist,
      "team-beta/specialist": specialist,
      "team-beta/archivist": specialist,
    },
  };
}

const AGENT_VERSION = "kagent.dev/v1alpha2";

/** What a user would write: nothing that the API server added. */
function written({ apiVersion, kind, metadata, spec }: KubeObject, name = metadata.name): KubeObject {
  const { namespace, labels } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, labels, ...(namespace !== undefined && { namespace }) },
    spec,
  };
}

describe("guards of a stack that is up", function () {
  this.timeout(30_000);
  const sandbox = useSandbox(configuration);
  /** Everything that was refused, to see in the end that each rule has been. */
  const refusals: string[] = [];
  let api: KubeApi;
  let orchestrator: KubeObject;
  /** Delegates to nobody. */
  let librarian: KubeObject;

  before(async () => {
    api = sandbox.api;
    orchestrator = await api.read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
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

  async function refuses(answer: ReturnType<KubeApi["create"]>, expected: string | RegExp): Promise<void> {
    const settled = await answer;
    assertRefused(settled, expected);
    refusals.push(settled.message);
  }

  function check(cases: readonly AdmissionCase[], object: () => KubeObject | Promise<KubeObject>): void {
    for (const { title, change, refused } of cases)
      it(`${refused === undefined ? "admits" : "refuses"} ${title}`, async () => {
        const answer = api.replace(changed(await object(), change), DRY_RUN);
        if (refused !== undefined) await refuses(answer, refused);
        else assert.equal((await answer).message, "");
      });
  }

  describe("an Agent of a team", () => {
    check(AGENT_CASES, () => orchestrator);

    it("refuses one that is not declared", async () => {
      const answer = api.create(written(librarian, "shadow"), DRY_RUN);
      await refuses(answer, "the delegation graph declares no such agent; add it to the stack configuration");
    });

    it("refuses a delegation from a namespace that is no consumer", async () => {
      const { spec, ...rest } = written(orchestrator);
      const metadata = { name: "orchestrator", namespace: "default" };
      await refuses(
        api.create({ ...rest, metadata, spec }, DRY_RUN),
        "refers to an agent of another namespace, and namespace default is no consumer",
      );
    });

    it("does not judge an Agent of another namespace that delegates to nobody", async () => {
      const alone = changed(written(librarian), { "metadata.namespace": "default" });
      assert.equal((await api.create(alone, DRY_RUN)).message, "");
    });

    for (const [apiVersion, kind, spec] of [
      [
        "kagent.dev/v1alpha1",
        "Agent",
        { description: "Older.", modelConfig: "gpt", systemMessage: "Be brief." },
      ],
      [AGENT_VERSION, "SandboxAgent", { type: "Declarative", declarative: { systemMessage: "Be brief." } }],
      [AGENT_VERSION, "AgentHarness", { backend: "openclaw", substrate: {} }],
    ] as const)
      it(`refuses ${kind} of ${apiVersion}, which the layers do not govern`, async () => {
        const object = {
          apiVersion,
          kind,
          metadata: { name: "orchestrator", namespace: "team-alpha" },
          spec,
        };
        await refuses(api.create(object, DRY_RUN), `tenants run only Agents of ${AGENT_VERSION}`);
      });

    it("lets one that is not declared any more end", async () => {
      const left = changed(written(librarian, "leftover"), {
        "metadata.finalizers": ["example.com/hold"],
      });
      const policy = await api.read(
        "admissionregistration.k8s.io/v1",
        "ValidatingAdmissionPolicyBinding",
        "kagent-a2a-agents",
      );
      // As it stands when a declaration goes: the Agent is older than the rules.
      await api.remove(policy);
      try {
        await eventually(async () => assert.equal((await api.apply(left)).message, ""));
      } finally {
        await api.create(written(policy));
      }
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
  });

  describe("a model configuration of a team", () => {
    check(MODEL_CONFIG_CASES, () => api.read(AGENT_VERSION, "ModelConfig", "gpt", "team-alpha"));

    it("refuses one of an older version", async () => {
      const metadata = { name: "older", namespace: "team-alpha" };
      const spec = { provider: "OpenAI", model: "gpt-4.1", apiKeySecretRef: "orchestrator-a2a-tokens" };
      const older = { apiVersion: "kagent.dev/v1alpha1", kind: "ModelConfig", metadata, spec };
      await refuses(api.create(older, DRY_RUN), `tenants use only ${AGENT_VERSION}`);
    });
  });

  describe("a governed namespace", () => {
    check(NAMESPACE_CASES, () => api.read("v1", "Namespace", "team-alpha"));

    for (const label of ["kagent.dev/agent-consumer", "kagent.dev/agent-provider"])
      it(`refuses a namespace that gives itself ${label}`, async () => {
        const metadata = { name: "rogue", labels: { [label]: "true" } };
        await refuses(
          api.create({ apiVersion: "v1", kind: "Namespace", metadata }, DRY_RUN),
          `Namespace rogue may not carry the label ${label}: the delegation graph does not give it`,
        );
      });

    it("admits any other namespace", async () => {
      const metadata = { name: "rogue", labels: { team: "rogue" } };
      assert.equal(
        (await api.create({ apiVersion: "v1", kind: "Namespace", metadata }, DRY_RUN)).message,
        "",
      );
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
  });

  describeRights(sandbox);
  describeSecrecy(sandbox);

  // In a group of its own, because those before it fill the list.
  describe("all of them together", () => {
    it("has refused by every rule of every policy", () => {
      const policies = admissionPolicies(readTopology({ ...configuration(), admission: "native" }));
      const silent = policies
        .flatMap(({ validations }) => validations)
        // The literal parts of a message; what stands between them names the object.
        .filter(({ message }) => {
          const parts = [...message.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map(([, text = ""]) =>
            text.replaceAll("\\'", "'"),
          );
          return !refusals.some((refusal) => parts.every((part) => refusal.includes(part)));
        })
        .map(({ message }) => message);
      assert.deepEqual(silent, []);
    });
  });
});
