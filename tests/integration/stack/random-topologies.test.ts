/** Whatever the plan of a random graph holds is accepted by the API server, with every field known to its schema. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { EngineValue } from "../../../components/plan/manifest";
import { type PlannedObject, plan } from "../../../components/plan/plan";
import { installCrds, loadCrds } from "../../../sandbox/crds";
import { sandboxConfiguration } from "../../../sandbox/stack-workspace";
import { readTopology } from "../../../topology/index";
import { DRY_RUN, type KubeApi, type KubeObject } from "../../support/kube-api";
import { devConfiguration, eventually, useSandbox } from "../../support/sandbox";
import { configurations } from "../../support/topologies";

const RUNS = 6;

/** Anything else of an Agent's spec that a user may set. */
const passThrough = fc.constantFrom<Record<string, unknown>>(
  {},
  { declarative: { stream: true, deployment: { env: [{ name: "LOG_LEVEL", value: "debug" }] } } },
  {
    declarative: {
      deployment: {
        labels: { "example.com/cost-centre": "7" },
        tolerations: [{ key: "agents", operator: "Exists", effect: "NoSchedule" }],
        nodeSelector: { "kubernetes.io/arch": "amd64" },
      },
      tools: [
        {
          type: "McpServer",
          mcpServer: {
            name: "tools",
            kind: "RemoteMCPServer",
            apiGroup: "kagent.dev",
            toolNames: ["search"],
          },
        },
      ],
    },
  },
);

/** What a team may consume, in every form that the configuration takes. */
const bounds = fc.constantFrom<Record<string, unknown>>(
  {},
  {
    labels: { "app.kubernetes.io/part-of": "Shop_1", "example.com/cost-centre": 4711 },
    quota: {
      pods: "2e1",
      configmaps: 5,
      "count/agents.kagent.dev": "5",
      "requests.cpu": "0.5",
      "requests.storage": "1.5Ti",
      "limits.ephemeral-storage": "10G",
      "requests.example.com/gpu": 2,
      "requests.hugepages-2Mi": "4Mi",
    },
    limits: {
      default: { cpu: "1000m", memory: "1G", "ephemeral-storage": "1Gi", "example.com/gpu": 1 },
      defaultRequest: { cpu: 1, memory: "900M", "example.com/gpu": "1" },
    },
  },
);

const random = fc.tuple(configurations(), passThrough, bounds).map(([configuration, spec, team]) => {
  const each = (settings: unknown, more: object) =>
    Object.fromEntries(
      Object.entries(settings as Record<string, object>).map(([key, own]) => [key, { ...own, ...more }]),
    );
  return {
    ...configuration,
    admission: "native",
    tenants: each(configuration.tenants, team),
    agents: each(configuration.agents, { spec }),
  };
});

/** The manifest as the engine sends it, with the name of each of its values in its place. */
function sent({ manifest }: PlannedObject): KubeObject {
  const fill = (part: unknown): unknown => {
    if (part instanceof EngineValue) return part.name;
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, fill(value)]));
  };
  return fill(manifest) as KubeObject;
}

describe("random topologies", function () {
  this.timeout(60_000);
  const sandbox = useSandbox();
  before(async function () {
    this.timeout(120_000);
    await sandbox.prepare(devConfiguration());
    // Some of the topologies read their keys from Vault.
    await installCrds(sandbox.home.kubeconfig, (await loadCrds({ groups: ["external-secrets"] })).objects);
  });

  /** Namespaces and admission stay, so that the next topology finds those of the one before. */
  async function accept(api: KubeApi, objects: readonly PlannedObject[]): Promise<void> {
    const strict = { fieldValidation: "Strict" };
    const groundwork = objects.filter(
      ({ layer, manifest }) => layer === "admission" || manifest.kind === "Namespace",
    );
    // Changed admission rules are in force a moment later; until then the old ones may refuse a new namespace.
    for (const planned of groundwork)
      await eventually(async () =>
        assert.equal((await api.apply(sent(planned), strict)).message, "", planned.key),
      );
    const others = objects.filter((planned) => !groundwork.includes(planned));
    await Promise.all(
      others.map((planned) =>
        eventually(
          async () => assert.equal((await api.apply(sent(planned), DRY_RUN)).message, "", planned.key),
          3_000,
        ),
      ),
    );
  }

  const samples = fc.sample(random, RUNS);
  for (const [index, configuration] of samples.entries())
    it(`are accepted as a whole, number ${index + 1}`, async () => {
      try {
        await accept(sandbox.api, plan(readTopology(sandboxConfiguration(configuration))));
      } catch (error) {
        throw new Error(
          `${error instanceof Error ? error.message : error}\n${JSON.stringify(configuration)}`,
        );
      }
    });
});
