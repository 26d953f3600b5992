/** A real Gatekeeper, as its chart runs it with the program's values, in front of a real API server. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { obtain } from "../../../sandbox/binaries";
import { readTopology } from "../../../topology";
import { Charts } from "../../support/charts";
import { Gatekeeper } from "../../support/controllers/gatekeeper";
import { applied } from "../../support/controllers/install";
import { BUILDING_MS, TestPlane } from "../../support/controllers/plane";
import { applyPlan } from "../../support/controllers/planned";
import { DRY_RUN, type KubeObject } from "../../support/kube-api";
import { assertRefused, eventually } from "../../support/sandbox";
import { orSkip, skipWithout } from "../../support/skip";
import { changed, written } from "../stack/admission/change";
import { describeAdmission, guardedConfiguration } from "../stack/admission/suite";

const AGENT_VERSION = "kagent.dev/v1alpha2";
const topology = readTopology({ ...guardedConfiguration(), admission: "gatekeeper" });

const namespace = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

/** Delegates from a namespace that is no consumer. */
const leftover = (home: string): KubeObject => ({
  apiVersion: AGENT_VERSION,
  kind: "Agent",
  metadata: { name: "leftover", namespace: home },
  spec: {
    type: "Declarative",
    description: "Left behind.",
    declarative: {
      systemMessage: "You are brief.",
      modelConfig: "gpt",
      tools: [
        {
          type: "Agent",
          agent: { name: "specialist", namespace: "team-beta", kind: "Agent", apiGroup: "kagent.dev" },
        },
      ],
    },
  },
});

/** Nothing else of the chart's arguments is changed, but nobody waits a minute for the audit. */
const webhookAlone = { "default-create-vap-binding-for-constraints": "false", "audit-interval": "1" };

describe("Gatekeeper in front of an API server", function () {
  this.timeout(60_000);
  const plane = new TestPlane();
  const { api } = { api: () => plane.api };
  let gatekeeper: Gatekeeper;
  const constraints: KubeObject[] = [];
  const enforced = () =>
    Promise.all(constraints.map(({ kind, metadata }) => gatekeeper.enforces(kind, metadata.name)));

  before(async function () {
    this.timeout(BUILDING_MS);
    const charts = await orSkip(this, () => Charts.load());
    await orSkip(this, () => obtain(["gatekeeper"]));
    if (spawnSync("openssl", ["version"]).status !== 0) skipWithout(this, "there is no openssl on the PATH");
    await plane.start(["istio", "kagent", "cert-manager"]);
    await applyPlan(api(), topology, {
      install: async (release) => {
        if (release.chart !== "gatekeeper") return;
        gatekeeper = await Gatekeeper.install(
          api(),
          plane.kubeconfig,
          await charts.render({ ...release, chart: release.chart }),
        );
        // First the webhook alone: the native policies would answer before it.
        await gatekeeper.start(webhookAlone);
        // Older than the rules, as what a revocation leaves behind.
        for (const where of ["default", release.namespace]) await applied(api(), leftover(where));
        await gatekeeper.serve();
      },
      after: async (object) => {
        if (!object.apiVersion.startsWith("constraints.gatekeeper.sh/")) return;
        constraints.push(object);
        await gatekeeper.enforces(object.kind, object.metadata.name);
      },
    });
    charts.remove();
  });
  after(async function () {
    this.timeout(60_000);
    await gatekeeper?.remove();
    await plane.remove();
  });

  describe("through its own webhook", () => {
    describeAdmission({
      api,
      denial: /admission webhook "validation\.gatekeeper\.sh" denied the request: \[kagent-a2a-/,
    });
  });

  // In a group of its own, because those before it share the objects that are changed here.
  describe("through its own webhook, for good", () => {
    it("admits the declared pair, which was created with the webhook in force", async () => {
      for (const [team, name] of [
        ["team-alpha", "orchestrator"],
        ["team-beta", "specialist"],
      ] as const) {
        const agent = await api().read(AGENT_VERSION, "Agent", name, team);
        assert.equal((await api().remove(agent)).code, 200);
        assert.equal((await api().create(written(agent))).message, "");
      }
    });

    it("refuses an Agent of a namespace that makes itself a consumer, at both steps", async () => {
      const own = namespace("rogue", { "kagent.dev/agent-consumer": "true" });
      assertRefused(await api().create(own), "may not carry the label kagent.dev/agent-consumer");
      assert.equal((await api().create(namespace("rogue"))).message, "");
      assertRefused(await api().apply(own), "may not carry the label kagent.dev/agent-consumer");
      const orchestrator = await api().read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
      const rogue = changed(written(orchestrator), { "metadata.namespace": "rogue" });
      assertRefused(await api().create(rogue), "and namespace rogue is no consumer");
    });

    it("reports in its audit what was there before the rules, but in its own namespace", async () => {
      const violations = await eventually(async () => {
        const found = await api().read(
          "constraints.gatekeeper.sh/v1beta1",
          "KagentA2AAgents",
          "kagent-a2a-agents",
        );
        const { violations = [] } = found.status as { violations?: Record<string, unknown>[] };
        assert.ok(violations.length > 0, "the audit has found nothing");
        return violations;
      });
      assert.deepEqual(
        violations.map(({ namespace, name }) => `${namespace}/${name}`),
        ["default/leftover", "default/leftover"],
      );
      assert.match(JSON.stringify(violations), /namespace default is no consumer/);
    });

    it("lets nobody take a namespace out of its sight", async () => {
      const labels = { "admission.gatekeeper.sh/ignore": "true" };
      assertRefused(
        await api().create(namespace("unseen", labels), DRY_RUN),
        "check-ignore-label.gatekeeper.sh",
      );
    });

    it("refuses a constraint of its own that says nothing it knows", async () => {
      const [constraint] = constraints;
      assert.ok(constraint);
      const vague = changed(constraint, { "spec.enforcementAction": "maybe" });
      assertRefused(await api().apply(vague, DRY_RUN), "validation.gatekeeper.sh");
    });

    it("stores a template that does not compile, and then refuses all that it judges", async () => {
      const whole = await api().read(
        "templates.gatekeeper.sh/v1",
        "ConstraintTemplate",
        "kagenta2anamespaces",
      );
      const { apiVersion, kind, metadata } = whole;
      const write = ({ spec }: KubeObject) =>
        api().patch({ apiVersion, kind, metadata: { name: metadata.name }, spec });
      const source = "spec.targets.0.code.0.source.validations.0.expression";
      assert.equal((await write(changed(whole, { [source]: "object.metadata.name ==" }))).message, "");
      await eventually(async () =>
        assertRefused(await api().create(namespace("other"), DRY_RUN), "compilation error"),
      );
      assert.equal((await write(whole)).message, "");
      await eventually(async () =>
        assert.equal((await api().create(namespace("other"), DRY_RUN)).message, ""),
      );
    });
  });

  describe("when it is stopped", () => {
    const unreachable = /failed calling webhook "(validation|check-ignore-label)\.gatekeeper\.sh"/;
    let orchestrator: KubeObject;

    before(async () => {
      orchestrator = await api().read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
      await gatekeeper.stop();
    });
    after(() => gatekeeper.start(webhookAlone));

    const harmless = () => changed(orchestrator, { "spec.declarative.systemMessage": "You are brief." });
    const object = (apiVersion: string, kind: string, spec: object): KubeObject => ({
      apiVersion,
      kind,
      metadata: { name: "beside", namespace: "team-alpha" },
      ...spec,
    });

    it("nothing of kagent.dev is admitted", async () => {
      assertRefused(await api().replace(harmless(), DRY_RUN), unreachable);
      const model = await api().read(AGENT_VERSION, "ModelConfig", "gpt", "team-alpha");
      assertRefused(await api().replace(model, DRY_RUN), unreachable);
    });

    it("no namespace is created or labelled", async () => {
      assertRefused(await api().create(namespace("later"), DRY_RUN), unreachable);
      assertRefused(await api().apply(namespace("rogue", { team: "rogue" }), DRY_RUN), unreachable);
    });

    it("its own rules cannot be changed", async () => {
      const [constraint] = constraints;
      assert.ok(constraint);
      assertRefused(
        await api().patch(changed(constraint, { "spec.enforcementAction": "dryrun" }), DRY_RUN),
        unreachable,
      );
    });

    for (const [kind, apiVersion, spec] of [
      ["ConfigMap", "v1", { data: {} }],
      ["Secret", "v1", { stringData: {} }],
      ["ServiceAccount", "v1", {}],
      [
        "Deployment",
        "apps/v1",
        {
          spec: {
            selector: { matchLabels: { app: "beside" } },
            template: {
              metadata: { labels: { app: "beside" } },
              spec: { containers: [{ name: "main", image: "example.com/main:1" }] },
            },
          },
        },
      ],
    ] as const)
      it(`a ${kind} is created as ever`, async () => {
        assert.equal((await api().create(object(apiVersion, kind, spec), DRY_RUN)).message, "");
      });

    it("what is to go can go", async () => {
      assert.equal((await api().remove(orchestrator, DRY_RUN)).code, 200);
      assert.equal((await api().remove(namespace("rogue"), DRY_RUN)).code, 200);
    });

    it("all is as before once it is back", async () => {
      await gatekeeper.start(webhookAlone);
      await enforced();
      assert.equal((await api().replace(harmless(), DRY_RUN)).message, "");
    });
  });

  describe("with the native policies that it generates", () => {
    const native =
      /ValidatingAdmissionPolicy 'gatekeeper-kagenta2a\w+' with binding 'gatekeeper-kagenta2a\w+-kagent-a2a-/;

    before(async () => {
      await gatekeeper.stop();
      // As the chart says, but it need not wait half a minute for other API servers to know the constraints' CRDs.
      await gatekeeper.start({ "default-wait-for-vapb-generation": "1" });
      await enforced();
      await eventually(async () => {
        const rogue = namespace("other", { "kagent.dev/agent-consumer": "true" });
        assertRefused(await api().create(rogue, DRY_RUN), native);
        const agent = await api().read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
        assertRefused(
          await api().replace(changed(agent, { "spec.allowedNamespaces": { from: "All" } }), DRY_RUN),
          native,
        );
        const model = await api().read(AGENT_VERSION, "ModelConfig", "gpt", "team-alpha");
        const other = changed(model, { "spec.apiKeySecret": "orchestrator-a2a-tokens" });
        assertRefused(await api().replace(other, DRY_RUN), native);
      }, 60_000);
    });

    describeAdmission({
      api,
      denial:
        /ValidatingAdmissionPolicy 'gatekeeper-kagenta2a\w+' with binding 'gatekeeper-kagenta2a\w+-kagent-a2a-/,
    });

    describe("what the engine previews, with rules that it is about to change", () => {
      const undeclared = () => namespace("not-yet", { "kagent.dev/agent-provider": "true" });
      const byEngine = { fieldManager: "pulumi-kubernetes" };
      const preview = { ...DRY_RUN, ...byEngine };

      it("is let through as a dry run, or nobody could add a team", async () => {
        assert.equal((await api().create(undeclared(), preview)).message, "");
        const agent = await api().read(AGENT_VERSION, "Agent", "orchestrator", "team-alpha");
        const query = { ...preview, fieldManager: "pulumi-kubernetes-0a1b2c3d" };
        const open = changed(agent, { "spec.allowedNamespaces": { from: "All" } });
        assert.equal((await api().replace(open, query)).message, "");
      });

      it("is refused as anything else", async () => {
        assertRefused(await api().create(undeclared(), byEngine), native);
        assertRefused(await api().create(undeclared(), DRY_RUN), native);
        assertRefused(await api().create(undeclared(), { ...DRY_RUN, fieldManager: "kubectl" }), native);
      });
    });

    // In a group of its own, because those before it need the webhook too.
    describe("when it is stopped", () => {
      it("still judges when it is stopped", async () => {
        await gatekeeper.stop();
        const rogue = namespace("other", { "kagent.dev/agent-consumer": "true" });
        assertRefused(await api().create(rogue, DRY_RUN), "the delegation graph does not give it");
      });
    });
  });
});
