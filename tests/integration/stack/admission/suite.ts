/** What admission refuses and admits, whichever engine holds the rules: the native policies or Gatekeeper's webhook. */
import assert from "node:assert/strict";
import { admissionPolicies } from "../../../../components/layers/admission";
import { readTopology } from "../../../../topology/index";
import { DRY_RUN, type KubeApi, type KubeObject } from "../../../support/kube-api";
import { assertRefused, type Configuration, devConfiguration } from "../../../support/sandbox";
import { AGENT_CASES } from "./agents";
import { type AdmissionCase, changed, written } from "./change";
import { MODEL_CONFIG_CASES } from "./model-configs";
import { NAMESPACE_CASES } from "./namespaces";

const AGENT_VERSION = "kagent.dev/v1alpha2";

/** The shipped pair, and in each team one more agent that nobody may delegate to. */
export function guardedConfiguration(): Configuration {
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

export interface Guarded {
  readonly api: () => KubeApi;
  /** How the engine in force begins each refusal. */
  readonly denial: RegExp;
}

/** The stack of `guardedConfiguration` must be up, its rules in force. */
export function describeAdmission({ api, denial }: Guarded): void {
  /** Everything that was refused, to see in the end that each rule has been. */
  const refusals: string[] = [];
  let orchestrator: KubeObject;
  /** Delegates to nobody. */
  let librarian: KubeObject;

  before(async () => {
    orchestrator = await api().read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
    librarian = await api().read(AGENT_VERSION, "Agent", "librarian", "team-alpha");
  });

  async function refuses(answer: ReturnType<KubeApi["create"]>, expected: string | RegExp): Promise<void> {
    const settled = await answer;
    assertRefused(settled, expected);
    assertRefused(settled, denial);
    refusals.push(settled.message);
  }

  function check(
    cases: readonly AdmissionCase[],
    object: () => KubeObject | Promise<KubeObject>,
    write = (object: KubeObject) => api().replace(object, DRY_RUN),
  ): void {
    for (const { title, change, refused } of cases)
      it(`${refused === undefined ? "admits" : "refuses"} ${title}`, async () => {
        const answer = write(changed(await object(), change));
        if (refused !== undefined) await refuses(answer, refused);
        else assert.equal((await answer).message, "");
      });
  }

  describe("an Agent of a team", () => {
    check(AGENT_CASES, () => orchestrator);

    it("refuses one that is not declared", async () => {
      const answer = api().create(written(librarian, "shadow"), DRY_RUN);
      await refuses(answer, "the delegation graph declares no such agent; add it to the stack configuration");
    });

    it("refuses a delegation from a namespace that is no consumer", async () => {
      const { spec, ...rest } = written(orchestrator);
      const metadata = { name: "orchestrator", namespace: "default" };
      await refuses(
        api().create({ ...rest, metadata, spec }, DRY_RUN),
        "refers to an agent of another namespace, and namespace default is no consumer",
      );
    });

    it("does not judge an Agent of another namespace that delegates to nobody", async () => {
      const alone = changed(written(librarian), { "metadata.namespace": "default" });
      assert.equal((await api().create(alone, DRY_RUN)).message, "");
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
        await refuses(api().create(object, DRY_RUN), `tenants run only Agents of ${AGENT_VERSION}`);
      });
  });

  // They are not judged, because the API server takes nothing else from them.
  for (const [kind, path, name] of [
    ["Agent", "agents", "orchestrator"],
    ["ModelConfig", "modelconfigs", "gpt"],
  ] as const)
    it(`lets nobody change more than the status of ${kind} through its subresource`, async () => {
      const object = await api().read(AGENT_VERSION, kind, name, "team-alpha");
      const body = changed(object, {
        "metadata.labels.team": "other",
        "metadata.annotations.team": "other",
        spec: {},
      });
      const url = `/apis/${AGENT_VERSION}/namespaces/team-alpha/${path}/${name}/status`;
      const answer = await api().request("PUT", url, { query: { dryRun: "All" }, body });
      assert.equal(answer.message, "");
      const { metadata, spec } = answer.body as unknown as KubeObject;
      assert.deepEqual(spec, object.spec);
      assert.deepEqual(metadata.labels, object.metadata.labels);
      assert.deepEqual(metadata.annotations, object.metadata.annotations);
    });

  describe("a model configuration of a team", () => {
    check(MODEL_CONFIG_CASES, () => api().read(AGENT_VERSION, "ModelConfig", "gpt", "team-alpha"));

    it("refuses one of an older version", async () => {
      const metadata = { name: "older", namespace: "team-alpha" };
      const spec = { provider: "OpenAI", model: "gpt-4.1", apiKeySecretRef: "orchestrator-a2a-tokens" };
      const older = { apiVersion: "kagent.dev/v1alpha1", kind: "ModelConfig", metadata, spec };
      await refuses(api().create(older, DRY_RUN), `tenants use only ${AGENT_VERSION}`);
    });
  });

  describe("a governed namespace", () => {
    const namespace = () => api().read("v1", "Namespace", "team-alpha");
    check(NAMESPACE_CASES, namespace);
    for (const subresource of ["status", "finalize"])
      describe(`through its subresource ${subresource}`, () =>
        check(NAMESPACE_CASES, namespace, (body) =>
          api().request("PUT", `/api/v1/namespaces/team-alpha/${subresource}`, { query: DRY_RUN, body }),
        ));

    for (const label of ["kagent.dev/agent-consumer", "kagent.dev/agent-provider"])
      it(`refuses a namespace that gives itself ${label}`, async () => {
        const metadata = { name: "rogue", labels: { [label]: "true" } };
        await refuses(
          api().create({ apiVersion: "v1", kind: "Namespace", metadata }, DRY_RUN),
          `Namespace rogue may not carry the label ${label}: the delegation graph does not give it`,
        );
      });

    it("admits any other namespace", async () => {
      const metadata = { name: "other", labels: { team: "other" } };
      assert.equal(
        (await api().create({ apiVersion: "v1", kind: "Namespace", metadata }, DRY_RUN)).message,
        "",
      );
    });
  });

  // In a group of its own, because those before it fill the list.
  describe("all of them together", () => {
    it("has refused by every rule of every policy", () => {
      const policies = admissionPolicies(readTopology({ ...guardedConfiguration(), admission: "native" }));
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
}
