import * as assert from "node:assert/strict";
import { SYSTEM_CHARTS, SYSTEMS } from "../../../topology";
import { GOVERNED_VALUES } from "../../../topology/platform-governed";
import { devConfiguration, devTopology, type Edit, problemsOf, type Raw } from "../../support/dev";

const sentencesOf = (edit: Edit): string[] =>
  problemsOf(devConfiguration(edit)).map(({ where, what, fix }) => `${where}: ${what} | ${fix}`);

const refuses = (name: string, edit: Edit, ...sentences: string[]) =>
  it(name, () => assert.deepEqual(sentencesOf(edit), sentences));

describe("a platform that cannot be is refused", () => {
  refuses(
    "kagent 1.0, in the one place that names its version",
    (c) => {
      c.kagent = { version: "1.0.0" };
      c.platform.kagent = { version: "1.0.0" };
    },
    'kagent.version: "1.0.0" must be an exact version in >=0.10.0 <1.0.0: later lines have no Agent that could be governed. | Exact version of kagent, in >=0.10.0 <1.0.0.',
    "platform.kagent.version: there is no such key. | Remove it or correct its spelling; the keys here are install, repository, values.",
  );
  refuses(
    "a version that is a range",
    (c) => {
      c.platform.istio = { version: "1.31" };
    },
    'platform.istio.version: "1.31" must be an exact version such as 1.31.0. | Exact chart version instead of the one that is shipped.',
  );
  refuses(
    "versions that lack what the stack is written in",
    (c) => {
      c.platform.certManager = { version: "v1.20.9" };
      c.platform.externalSecrets = { version: "2.4.1" };
      c.platform.gatekeeper = { version: "v3.21.0" };
      c.platform.gateway = { version: "1.30.2" };
      c.platform.istio = { version: "1.30.2" };
    },
    "platform.certManager.version: must be in >=1.21.0: the chain of the mesh's authority was measured with 1.21, which the project supports on Kubernetes 1.33 to 1.36. | Write a later version, or remove it to take the one that is shipped.",
    "platform.externalSecrets.version: must be in >=2.5.0: earlier charts know no rbac.serviceAccountTokenCreate, and let the operator mint tokens of every account. | Write a later version, or remove it to take the one that is shipped.",
    "platform.gatekeeper.version: must be in >=3.22.0: earlier ones do not show a rule the object's namespace. | Write a later version, or remove it to take the one that is shipped.",
    ...["istio", "gateway"].map(
      (system) =>
        `platform.${system}.version: must be in >=1.31.0: what the layers ask of sidecars, gateway and tokens was measured with 1.31, and with no earlier line. | Write a later version, or remove it to take the one that is shipped.`,
    ),
  );
  refuses(
    "a system and a chart that nobody knows",
    (c) => {
      c.platform.trustManager = {};
      c.platform.istio = { values: { pilot: {} } };
    },
    "platform.istio.values.pilot: there is no such key. | Remove it or correct its spelling; the keys here are base, cni, istiod.",
    "platform.trustManager: there is no such key. | Remove it or correct its spelling; the keys here are certManager, externalSecrets, gatekeeper, gateway, highAvailability, istio, kagent, outboundTraffic, protect.",
  );
  refuses(
    "a mirror with credentials in its address, or none that helm knows",
    (c) => {
      c.platform.istio = { repository: "oci://user:pass@mirror.example.com/charts" };
      c.platform.gatekeeper = { repository: "file:///charts" };
    },
    'platform.gatekeeper.repository: "file:///charts" must begin with https:// or oci:// and carry no credentials. | Mirror to take the charts from: `https://host/path` or `oci://host/path`.',
    "platform.istio.repository: must begin with https:// or oci:// and carry no credentials. | Mirror to take the charts from: `https://host/path` or `oci://host/path`.",
  );
  refuses(
    "values that govern, also from above",
    (c) => {
      c.platform.gatekeeper = {
        values: { gatekeeper: { controllerManager: null, validatingWebhookFailurePolicy: "Ignore" } },
      };
      c.platform.kagent = { values: { kagent: { rbac: { namespaces: [] }, controller: { replicas: 5 } } } };
    },
    "platform.gatekeeper.values.gatekeeper.controllerManager: governs and cannot be set here. | Remove it; admission must refuse what it cannot judge, and judge every namespace.",
    "platform.gatekeeper.values.gatekeeper.validatingWebhookFailurePolicy: governs and cannot be set here. | Remove it; admission must refuse what it cannot judge, and judge every namespace.",
    "platform.kagent.values.kagent.rbac: governs and cannot be set here. | Remove it; what the controller watches follows from tenants.",
  );
  refuses(
    "values that would be dropped on their way to the chart",
    (c) => {
      c.platform.certManager = {
        values: {
          "cert-manager": {
            image: { registry: "registry.example.com", name: "x" },
            nodeSelector: { "kubernetes.io/os": "linux" },
            maxConcurrentChallenges: 5,
          },
        },
      };
    },
    "platform.certManager.values.cert-manager.image.name: would not reach the chart: @pulumi/kubernetes-cert-manager drops it. | Remove it; docs/configuration.md lists what may be set of chart cert-manager.",
    "platform.certManager.values.cert-manager.nodeSelector: would not reach the chart: @pulumi/kubernetes-cert-manager drops it. | Remove it; docs/configuration.md lists what may be set of chart cert-manager.",
  );
  refuses(
    "what wins over a governed value on its way to the pod, or takes its sidecar away",
    (c) => {
      c.platform.kagent = {
        values: {
          kagent: {
            controller: {
              env: [{ name: "AUTH_MODE", value: "unsecure" }],
              podAnnotations: { "sidecar.istio.io/inject": "false" },
              volumes: [{ name: "mine" }],
            },
            ui: { additionalForwardedHeaders: ["X-User-Id"] },
          },
        },
      };
      c.platform.istio = {
        values: {
          istiod: {
            env: { PILOT_ENABLE_AMBIENT: "true" },
            meshConfig: { rootNamespace: "team-alpha" },
            sidecarInjectorWebhook: { injectedAnnotations: {} },
          },
        },
      };
    },
    "platform.istio.values.istiod.env: governs and cannot be set here. | Remove it; istiod's environment switches off what it checks.",
    "platform.istio.values.istiod.meshConfig.rootNamespace: governs and cannot be set here. | Remove it; policies of a root namespace hold for every tenant, and the stack writes none there.",
    "platform.istio.values.istiod.sidecarInjectorWebhook: governs and cannot be set here. | Remove it; a pod that gets another sidecar, or none, is outside of the identity layer.",
    "platform.kagent.values.kagent.controller.env: governs and cannot be set here. | Remove it; it wins over what the stack writes of users, the database and the watched namespaces.",
    "platform.kagent.values.kagent.controller.podAnnotations: governs and cannot be set here. | Remove it; annotations of a pod in the mesh can take its sidecar out of the way.",
    "platform.kagent.values.kagent.controller.volumes: governs and cannot be set here. | Remove it; the URL of the database is mounted there.",
    "platform.kagent.values.kagent.ui.additionalForwardedHeaders: governs and cannot be set here. | Remove it; a user could send the headers by which agents name themselves.",
  );
  refuses(
    "a value that nobody asked the layers about, also where a map is replaced as a whole",
    (c) => {
      c.platform.kagent = { values: { kagent: { controller: { grpc: {} }, database: "mine" } } };
      c.platform.gatekeeper = { values: { gatekeeper: { podLabels: { team: "a" } } } };
    },
    "platform.gatekeeper.values.gatekeeper.podLabels: is not among the values that configuration may set. | Remove it; docs/configuration.md lists what may be set of chart gatekeeper.",
    "platform.kagent.values.kagent.controller.grpc: is not among the values that configuration may set. | Remove it; docs/configuration.md lists what may be set of chart kagent.",
    "platform.kagent.values.kagent.database: governs and cannot be set here. | Remove it; the layers rely on what the stack writes there.",
  );
  refuses(
    "an image of another line than its chart's",
    (c) => {
      c.platform.kagent = { values: { kagent: { tag: "1.0.0", ui: { image: { tag: "sha-123456" } } } } };
      c.platform.istio = { values: { istiod: { global: { tag: "1.29.0-distroless" } } } };
    },
    "platform.istio.values.istiod.global.tag: must be of a version in >=1.31.0: what the layers ask of sidecars, gateway and tokens was measured with 1.31, and with no earlier line. | Remove it; the chart's version is the images' too. A mirror needs only their registry or repository.",
    "platform.kagent.values.kagent.ui.image.tag: does not begin with a version. | Remove it; the chart's version is the images' too. A mirror needs only their registry or repository.",
    "platform.kagent.values.kagent.tag: must be of a version in >=0.10.0 <1.0.0: later lines have no Agent that could be governed. | Remove it; the chart's version is the images' too. A mirror needs only their registry or repository.",
  );
  refuses(
    "a model that the mesh would close off, whoever installed it",
    (c) => {
      c.models.gpt.egress = { cidrs: ["192.0.2.0/24"] };
      c.platform.istio = { install: "false" };
    },
    "models.gpt.egress: names no host, and with platform.outboundTraffic registry-only the mesh lets nobody reach the model. | Add egress.hosts, or set platform.outboundTraffic to any.",
  );

  it("but not where the mesh is open", () => {
    devTopology((c) => {
      c.models.gpt.egress = { cidrs: ["192.0.2.0/24"] };
      c.platform = { outboundTraffic: "any" };
    });
  });
});

describe("images of a mirror, sizes and places", () => {
  it("may be set of every chart that has them", () => {
    devTopology((c) => {
      for (const system of SYSTEMS) c.platform[system] = {};
      c.platform.certManager.values = {
        "cert-manager": { imageRegistry: "registry.example.com", webhook: { replicaCount: 5 } },
      };
      c.platform.externalSecrets.values = {
        "external-secrets": {
          global: { repository: "registry.example.com/external-secrets" },
          imagePullSecrets: [{ name: "mirror" }],
        },
      };
      c.platform.gatekeeper.values = {
        gatekeeper: {
          image: { repository: "registry.example.com/gatekeeper", release: "v3.23.1-mirror.2" },
          postInstall: {
            probeWebhook: { image: { repository: "registry.example.com/curl", tag: "8.20.0" } },
          },
        },
      };
      c.platform.istio.values = {
        istiod: { global: { hub: "registry.example.com/istio", tag: "1.31.0-distroless" }, tolerations: [] },
        cni: { cniBinDir: "/opt/cni/bin" },
      };
      c.platform.gateway.values = { gateway: { resources: { limits: { memory: "2Gi" } } } };
      c.platform.kagent.values = {
        kagent: {
          registry: "registry.example.com",
          controller: { image: { tag: "v0.10.4" }, resources: { limits: { cpu: 4 } } },
          database: { postgres: { bundled: { image: { tag: "18.4" }, storage: "2Gi" } } },
        },
      };
    });
  });
});

describe("every governed value", () => {
  for (const system of SYSTEMS)
    for (const chart of SYSTEM_CHARTS[system])
      it(`of chart ${chart} is refused by its path`, () => {
        for (const { path } of GOVERNED_VALUES[chart]) {
          const values = path.reduceRight<Raw>((inner, key) => ({ [key]: inner }), "x");
          const problems = problemsOf(
            devConfiguration((c) => {
              c.platform[system] = { values: { [chart]: values } };
            }),
          );
          assert.ok(
            problems.some(({ what }) => what === "governs and cannot be set here."),
            path.join("."),
          );
        }
      });
});
