import assert from "node:assert/strict";
import { stringify } from "yaml";
import type { Answer } from "../../../operations/cluster";
import { foreignIstio } from "../../../operations/foreign-istio";
import { devTopology, type Edit } from "../../support/dev";

const SCOPE = "PILOT_SCOPE_GATEWAY_TO_NAMESPACE";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/istio-system/deployments";
const CONFIG_MAPS = "/api/v1/namespaces/istio-system/configmaps";

const there: Edit = (c) => {
  c.platform.istio = { install: false };
};
const scoped = (value: unknown = "true") => ({ env: [{ name: SCOPE, value }] });
const istiod = (container: object = scoped(), name = "istiod", revision = "default") => ({
  metadata: { name, labels: { app: "istiod", "istio.io/rev": revision } },
  spec: { template: { spec: { containers: [{ name: "discovery", ...container }] } } },
});
const GOOD = { trustDomain: "cluster.local", outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } };

interface Given {
  readonly istiods?: readonly object[];
  /** By ConfigMap: what is written at key `mesh`. */
  readonly meshes?: Readonly<Record<string, unknown>>;
  /** Answers in the place of those, by path. */
  readonly codes?: Readonly<Record<string, number>>;
  readonly edit?: Edit;
}

async function asked({ istiods = [istiod()], meshes = { istio: GOOD }, codes = {}, edit }: Given) {
  const get = async (path: string): Promise<Answer> => {
    const [place = "", query] = path.split("?");
    const code = codes[place];
    if (code !== undefined) return { code, body: {} };
    if (place === DEPLOYMENTS) {
      assert.equal(query, "labelSelector=app%3Distiod");
      return { code: 200, body: { items: istiods } };
    }
    const mesh = meshes[place.replace(`${CONFIG_MAPS}/`, "")];
    if (mesh === undefined) return { code: 404, body: {} };
    return { code: 200, body: { data: { mesh: typeof mesh === "string" ? mesh : stringify(mesh) } } };
  };
  const topology = devTopology((c) => {
    there(c);
    edit?.(c);
  });
  const { findings, notes } = await foreignIstio({ get }, topology);
  return { findings: findings.map(({ what }) => what), notes: notes.map(({ what }) => what) };
}
const NOTHING = { findings: [], notes: [] };
const finding = (...findings: readonly string[]) => ({ findings, notes: [] });
const note = (...notes: readonly string[]) => ({ findings: [], notes });
const untold = (because: string) => note(`${because}: what the layers rely on there could not be judged.`);
const open = (name: string) =>
  `Deployment istio-system/${name} does not set ${SCOPE} to true: whoever may write Gateways in any namespace could answer in the place of the gateway between teams.`;

describe("an Istio that somebody else installed", () => {
  it("is nobody's business where the stack installs it", async () => {
    const get = () => assert.fail("asked");
    assert.deepEqual(await foreignIstio({ get }, devTopology()), NOTHING);
  });

  it("passes as the layers need it, in whatever way Go reads true", async () => {
    for (const value of ["true", "True", "1", "t"])
      assert.deepEqual(await asked({ istiods: [istiod(scoped(value))] }), NOTHING, value);
  });

  it("must keep Gateways of other namespaces off the gateway, where there is one", async () => {
    const lacking = [
      {},
      scoped("false"),
      scoped("yes"),
      scoped(""),
      { env: [...scoped().env, { name: SCOPE, value: "false" }] },
    ];
    for (const container of lacking) {
      const istiods = [istiod(container)];
      assert.deepEqual(await asked({ istiods }), finding(open("istiod")), JSON.stringify(container));
      const direct: Edit = (c) => {
        c.routing = "direct";
      };
      assert.deepEqual(await asked({ istiods, edit: direct }), NOTHING);
    }
  });

  it("is told of where its environment stands elsewhere", async () => {
    const valueFrom = { configMapKeyRef: { name: "pilot", key: "scope" } };
    for (const container of [{ env: [{ name: SCOPE, valueFrom }] }, scoped("$(OTHER)")])
      assert.deepEqual(
        await asked({ istiods: [istiod(container)] }),
        untold(`Deployment istio-system/istiod does not say itself what ${SCOPE} is`),
      );
    for (const container of [{ name: "pilot" }, { envFrom: [{ configMapRef: { name: "pilot" } }] }])
      assert.deepEqual(await asked({ istiods: [istiod(container)] }), {
        findings: [],
        notes: [
          `Deployment istio-system/istiod does not say itself what ${SCOPE} is: what the layers rely on there could not be judged.`,
          "Deployment istio-system/istiod may merge another ConfigMap into its own (SHARED_MESH_CONFIG): what the layers rely on there could not be judged.",
        ],
      });
  });

  it("is asked in every revision that runs, each with a configuration of its own", async () => {
    const old = istiod({}, "istiod-1-30", "1-30");
    const off = istiod({}, "istiod-1-29", "1-29");
    const istiods = [istiod(), old, { ...off, spec: { ...off.spec, replicas: 0 } }];
    const meshes = { istio: GOOD, "istio-1-30": { ...GOOD, outboundTrafficPolicy: { mode: "ALLOW_ANY" } } };
    assert.deepEqual(
      await asked({ istiods, meshes }),
      finding(
        open("istiod-1-30"),
        "ConfigMap istio-system/istio-1-30 does not say that pods reach known hosts only, and kagent-a2a:platform.outboundTraffic is registry-only.",
      ),
    );
  });

  it("must have the trust domain of the principals, by whatever name it knows it", async () => {
    const meshes = { istio: { ...GOOD, trustDomain: "mesh.example.com" } };
    const configured = (trustDomain: string): Edit => {
      return (c) => {
        c.cluster.trustDomain = trustDomain;
      };
    };
    assert.deepEqual(
      await asked({ meshes, edit: configured("corp.example.com") }),
      finding(
        "ConfigMap istio-system/istio has the trust domain mesh.example.com, and kagent-a2a:cluster.trustDomain is corp.example.com: principals would fit nobody, and every call be refused.",
      ),
    );
    for (const fits of ["mesh.example.com", "cluster.local"])
      assert.deepEqual(await asked({ meshes, edit: configured(fits) }), NOTHING, fits);
    const renamed = { istio: { ...meshes.istio, trustDomainAliases: ["corp.example.com"] } };
    assert.deepEqual(
      await asked({ meshes: renamed, edit: configured("corp.example.com") }),
      note(
        "ConfigMap istio-system/istio takes identities of corp.example.com for the mesh's own (trustDomainAliases): an account there with an agent's namespace and name is that agent.",
      ),
    );
  });

  it("must let out what the configuration says that it lets out", async () => {
    const any: Edit = (c) => {
      c.platform.outboundTraffic = "any";
    };
    for (const mesh of [
      {},
      { outboundTrafficPolicy: null },
      { outboundTrafficPolicy: { mode: "ALLOW_ANY" } },
      { outboundTrafficPolicy: { mode: 1 } },
      { outboundTrafficPolicy: { mode: "registry_only" } },
      { outboundTrafficPolicy: {} },
      { outboundTrafficPolicy: ["REGISTRY_ONLY"] },
    ]) {
      assert.deepEqual(
        await asked({ meshes: { istio: mesh } }),
        finding(
          "ConfigMap istio-system/istio does not say that pods reach known hosts only, and kagent-a2a:platform.outboundTraffic is registry-only.",
        ),
      );
      assert.deepEqual(await asked({ meshes: { istio: mesh }, edit: any }), NOTHING);
    }
  });

  it("is read by either name of a field, and a number of its protocol buffer", async () => {
    const good = { trust_domain: "corp.example.com", outbound_traffic_policy: { mode: 0 } };
    const edit: Edit = (c) => {
      c.cluster.trustDomain = "corp.example.com";
    };
    assert.deepEqual(await asked({ meshes: { istio: good }, edit }), NOTHING);
    assert.deepEqual(
      await asked({
        meshes: { istio: { ...good, trust_domain_aliases: ["old"], root_namespace: "admin" } },
        edit,
      }),
      note(
        "ConfigMap istio-system/istio takes identities of old for the mesh's own (trustDomainAliases): an account there with an agent's namespace and name is that agent.",
        "ConfigMap istio-system/istio has the root namespace admin: policies there hold for every tenant, and rules and verify look for them in istio-system.",
      ),
    );
  });

  it("is told of where its policies for every tenant stand elsewhere", async () => {
    assert.deepEqual(
      await asked({ meshes: { istio: { ...GOOD, rootNamespace: "mesh-admin" } } }),
      note(
        "ConfigMap istio-system/istio has the root namespace mesh-admin: policies there hold for every tenant, and rules and verify look for them in istio-system.",
      ),
    );
  });

  it("stops nothing where it cannot be read, and says so", async () => {
    for (const [given, because] of [
      [{ istiods: [] }, "No Deployment of istiod runs in istio-system, as where a mesh is managed elsewhere"],
      [
        { codes: { [DEPLOYMENTS]: 403 } },
        "The user of the kubeconfig may not read the Deployments of istio-system",
      ],
      [
        { codes: { [DEPLOYMENTS]: 503 } },
        "The cluster answers 503 to whoever reads the Deployments of istio-system",
      ],
      [
        { codes: { [`${CONFIG_MAPS}/istio`]: 403 } },
        "The user of the kubeconfig may not read ConfigMap istio-system/istio",
      ],
      [{ meshes: {} }, "There is no ConfigMap istio-system/istio, where istiod has its configuration"],
      ...["trustDomain: [", "- no map", "text", ""].map(
        (text) =>
          [
            { meshes: { istio: text } },
            "ConfigMap istio-system/istio holds no YAML map at key mesh",
          ] as const,
      ),
      [
        { istiods: [istiod({ env: [...scoped().env, { name: "SHARED_MESH_CONFIG", value: "ours" }] })] },
        "Deployment istio-system/istiod may merge another ConfigMap into its own (SHARED_MESH_CONFIG)",
      ],
    ] as const satisfies readonly (readonly [Given, string])[])
      assert.deepEqual(await asked(given), untold(because));
  });
});
