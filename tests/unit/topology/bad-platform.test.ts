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
      c.platform.externalSecrets = { version: "0.16.2" };
      c.platform.gatekeeper = { version: "v3.21.0" };
    },
    "platform.externalSecrets.version: must be in >=0.17.0: earlier ones do not serve external-secrets.io/v1. | Write a later version, or remove it to take the one that is shipped.",
    "platform.gatekeeper.version: must be in >=3.22.0: earlier ones do not show a rule the object's namespace. | Write a later version, or remove it to take the one that is shipped.",
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
        values: { gatekeeper: { validatingWebhookFailurePolicy: "Ignore", controllerManager: null } },
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
    "platform.certManager.values.cert-manager.image.name: would not reach the chart: @pulumi/kubernetes-cert-manager drops it. | Remove it; what passes below image are digest, pullPolicy, registry, repository, tag.",
    'platform.certManager.values.cert-manager.nodeSelector["kubernetes.io/os"]: would not reach the chart: @pulumi/kubernetes-cert-manager drops it. | Remove it.',
  );
  refuses(
    "a model that the mesh would close off",
    (c) => {
      c.models.gpt.egress = { cidrs: ["192.0.2.0/24"] };
    },
    "models.gpt.egress: names no host, and with platform.outboundTraffic registry-only the mesh lets nobody reach the model. | Add egress.hosts, or set platform.outboundTraffic to any.",
  );

  it("but not where the mesh is open, or not the stack's", () => {
    for (const platform of [{ outboundTraffic: "any" }, { istio: { install: "false" } }])
      devTopology((c) => {
        c.models.gpt.egress = { cidrs: ["192.0.2.0/24"] };
        c.platform = platform;
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
