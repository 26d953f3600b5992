/** What production demands, on the embedded control plane: the API server takes every object, and gives nobody more rights. */
import assert from "node:assert/strict";
import { type EngineValue, isRelease, replaceEngineValues } from "../../../components/plan/manifest";
import { plan } from "../../../components/plan/plan";
import { installCrds, loadCrds } from "../../../sandbox/crds";
import { readTopology, SYSTEMS } from "../../../topology/index";
import { inProduction } from "../../support/configurations";
import type { Edit } from "../../support/dev";
import { DRY_RUN, type KubeObject } from "../../support/kube-api";
import { type Configuration, devConfiguration, eventually, useSandbox } from "../../support/sandbox";

const ESO = "external-secrets.io/v1";

/** A text that is a date to the Pulumi CLI, unless it is quoted on the way. */
const API_VERSION = { apiVersion: "2024-10-21" };

const inAnAzureCluster: Edit = (c) => {
  c.cluster.context = "production"; // of the user's kubeconfig, not of the sandbox's
  c.models.gpt.provider = "AzureOpenAI";
  c.models.gpt.parameters = {
    azureEndpoint: "https://example.openai.azure.com/",
    ...API_VERSION,
  };
  c.models.gpt.egress = { hosts: ["example.openai.azure.com"] };
};

/** Everything but the certificate authority: the sandbox has no mesh. */
function production(): Configuration {
  const configuration = devConfiguration();
  inProduction(configuration);
  inAnAzureCluster(configuration);
  return configuration;
}

describe("a stack in production", function () {
  this.timeout(120_000);
  const sandbox = useSandbox(production);

  it("is as it was planned, and a second up changes nothing", async () => {
    const external = await sandbox.api.read(ESO, "ExternalSecret", "gpt-api-key-vault", "team-alpha");
    const { refreshInterval, target } = external.spec as { refreshInterval: string; target: object };
    assert.equal(refreshInterval, "1h0m0s");
    assert.deepEqual(target, {
      name: "gpt-api-key-vault",
      creationPolicy: "Owner",
      deletionPolicy: "Retain",
      template: {
        // What the schema adds.
        engineVersion: "v2",
        mergePolicy: "Replace",
        type: "Opaque",
        metadata: { labels: { "app.kubernetes.io/managed-by": "kagent-a2a" } },
      },
    });
    const { steps } = await sandbox.up(production());
    assert.deepEqual(steps, []);
  });

  it("keeps a text a text on its way through the engine's configuration", async () => {
    const { spec } = await sandbox.api.read("kagent.dev/v1alpha2", "ModelConfig", "gpt", "team-alpha");
    const { azureOpenAI } = spec as { azureOpenAI: { apiVersion: string } };
    assert.equal(azureOpenAI.apiVersion, API_VERSION.apiVersion);
  });

  it("has every object accepted with every field known to its schema, the certificate authority too", async () => {
    const { api, home } = sandbox;
    await installCrds(home.kubeconfig, (await loadCrds({ groups: ["cert-manager"] })).objects);
    for (const name of ["cert-manager", "istio-system"])
      await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    // Istio alone is the stack's, since nobody gives a certificate authority to a mesh that is there already.
    const platform = Object.fromEntries(SYSTEMS.map((system) => [system, { install: system === "istio" }]));
    const configuration: Configuration = { ...production(), admission: "native", platform };
    for (const pki of [
      { pki: "selfSigned" },
      { pki: "vault", meshCa: { vault: { role: "kagent-a2a-mesh" } } },
    ])
      for (const { manifest, key } of plan(readTopology({ ...configuration, ...pki }))) {
        if (isRelease(manifest)) continue;
        const sent = replaceEngineValues(manifest, ({ name }: EngineValue) => name) as KubeObject;
        await eventually(async () => assert.equal((await api.apply(sent, DRY_RUN)).message, "", key), 5_000);
      }
  });

  describe("the tokens of its stores", () => {
    const operator = {
      user: "system:serviceaccount:external-secrets:external-secrets",
      groups: ["system:serviceaccounts", "system:serviceaccounts:external-secrets", "system:authenticated"],
    };
    const editor = { user: "ada", groups: ["team-alpha-developers"] };
    const mint = async (who: typeof operator, account: string, namespace = "team-alpha") => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
      const body = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { audiences: ["https://vault.example.com/team-alpha"] },
      };
      return (await sandbox.api.as(who).request("POST", path, { body })).code;
    };

    it("are minted by the operator, of each store's own account alone", async () => {
      for (const namespace of ["team-alpha", "team-beta", "kagent"])
        assert.equal(await mint(operator, "external-secrets.vault", namespace), 201, namespace);
      assert.equal(await mint(operator, "orchestrator-sa"), 403);
      assert.equal(await mint(operator, "default"), 403);
    });

    it("are minted by nobody else", async () => {
      assert.equal(await mint(editor, "external-secrets.vault"), 403);
    });

    for (const [resource, group] of [
      ["secretstores", ESO],
      ["externalsecrets", ESO],
      ["requestauthentications", "security.istio.io/v1"],
    ] as const)
      it(`cannot be got around by an editor's ${resource}`, async () => {
        const path = `/apis/${group}/namespaces/team-alpha/${resource}`;
        for (const method of ["POST", "GET"] as const) {
          const answer = await sandbox.api
            .as(editor)
            .request(method, path, method === "POST" ? { body: {} } : {});
          assert.equal(answer.code, 403, `${method} ${answer.message}`);
        }
      });
  });

  it("goes back to keys of the configuration: first the Secret, then the model, and only then the old writer", async () => {
    const { secrets: _, database: __, externalDatabase: ___, ...rest } = production();
    const { steps } = await sandbox.up({ ...rest, environment: "development" });
    const of = (step: string) => {
      const index = steps.indexOf(step);
      assert.ok(index >= 0, `there was no ${step}: ${steps.join(", ")}`);
      return index;
    };
    const [created, updated, removed] = [
      of("create Secret team-alpha/gpt-api-key"),
      of("update ModelConfig team-alpha/gpt"),
      of("delete ExternalSecret team-alpha/gpt-api-key-vault"),
    ];
    assert.ok(created < updated && updated < removed, steps.join("\n"));
  });

  it("and to Vault again, in the same order", async () => {
    const { steps } = await sandbox.up(production());
    const [created, updated, removed] = [
      "create ExternalSecret team-alpha/gpt-api-key-vault",
      "update ModelConfig team-alpha/gpt",
      "delete Secret team-alpha/gpt-api-key",
    ].map((step) => steps.indexOf(step)) as [number, number, number];
    assert.ok(created >= 0 && created < updated && updated < removed, steps.join("\n"));
  });
});
