import assert from "node:assert/strict";
import type { Edit } from "../../support/dev";
import { cases, check, FOREIGN, ruleNamed, startOf } from "../support/cases";
import { type Draft, manifest } from "../support/draft";

const RELEASE = "Release kagent/kagent";
const CERT = "cert-manager.io/v1";
/** The stack's own has objects of these names. */
const withoutMeshAuthority: Edit = (configuration) => {
  configuration.pki = "none";
};

const certificates = [
  manifest(CERT, "ClusterIssuer", "bootstrap", { spec: { selfSigned: {} } }),
  manifest(CERT, "Certificate", "cert-manager/mesh-root", {
    spec: { isCA: true, secretName: "mesh-root", issuerRef: { kind: "ClusterIssuer", name: "bootstrap" } },
  }),
  manifest(CERT, "ClusterIssuer", "mesh-root", { spec: { ca: { secretName: "mesh-root" } } }),
  manifest(CERT, "Certificate", "istio-system/leaf", {
    spec: { secretName: "leaf", issuerRef: { kind: "ClusterIssuer", name: "mesh-root" } },
  }),
];

cases("supply-chain-exact-version", {
  violating: {
    "the newest": {
      change: (s) => s.set(RELEASE, "version", undefined),
      finds: ["Release kagent/kagent (helm.sh/v3), version: must be an exact version such as 0.10.4."],
    },
    "a range": {
      change: (s) => s.set(RELEASE, "version", "~0.10"),
      finds: ["Release kagent/kagent (helm.sh/v3), version: must be an exact version such as 0.10.4."],
    },
  },
  unknown: [RELEASE, "version"],
});

cases("supply-chain-known-repository", {
  violating: {
    "the same chart from elsewhere": {
      change: (s) => s.set(RELEASE, "chart", "oci://ghcr.io/somebody/kagent"),
      finds: [
        "Release kagent/kagent (helm.sh/v3), chart: must come from oci://ghcr.io/kagent-dev/kagent/helm.",
      ],
    },
    "a mirror that was not reviewed, and reads like one that was": {
      change: (s) => s.set(RELEASE, "chart", "oci://registry.example.com/charts-of-others/kagent"),
      finds: [
        "Release kagent/kagent (helm.sh/v3), chart: must come from oci://ghcr.io/kagent-dev/kagent/helm.",
      ],
    },
    "a chart from a folder, beside the name of a good repository": {
      change: (s) => s.set("Release cert-manager/cert-manager", "chart", "./mine/cert-manager"),
      finds: [
        "Release cert-manager/cert-manager (helm.sh/v3), chart: must come from https://charts.jetstack.io.",
      ],
    },
    "a chart nobody knows": {
      change: (s) => s.set(RELEASE, "chart", "miner"),
      finds: [
        "Release kagent/kagent (helm.sh/v3), chart: chart miner is not on the list. Have it reviewed and add it, with its repository.",
      ],
    },
  },
  unknown: [RELEASE, "chart"],
});

cases("supply-chain-owned-release", {
  violating: {
    "a namespace without labels": {
      change: (s) => s.set(RELEASE, "createNamespace", true),
      finds: [
        "Release kagent/kagent (helm.sh/v3), createNamespace: must be false: declare the Namespace with its labels.",
      ],
    },
    "no timeout": {
      change: (s) => s.set(RELEASE, "timeout", undefined),
      finds: ["Release kagent/kagent (helm.sh/v3), timeout: must be a number of seconds, such as 900."],
    },
    "a name that Pulumi makes up": {
      change: (s) => s.set(RELEASE, "name", undefined),
      finds: ["Release kagent/kagent (helm.sh/v3), name: is missing."],
    },
  },
  unknown: [RELEASE, "createNamespace"],
});

cases("supply-chain-kagent-line", {
  violating: {
    "a line that cannot be governed": {
      change: (s) => s.set(RELEASE, "version", "1.0.0"),
      finds: ["Release kagent/kagent (helm.sh/v3), version: must be at least 0.10.0 and below 1.0.0."],
    },
    "an older one": {
      change: (s) => s.set(RELEASE, "version", "0.9.7"),
      finds: ["Release kagent/kagent (helm.sh/v3), version: must be at least 0.10.0 and below 1.0.0."],
    },
  },
  unknown: [RELEASE, "version"],
});

cases("supply-chain-kagent-values", {
  violating: {
    "a tool that is cluster-admin": {
      change: (s) => s.set(RELEASE, "values.kagent-tools", undefined),
      finds: ["Release kagent/kagent (helm.sh/v3), values.kagent-tools.enabled: must be false."],
    },
    "every Secret of the cluster": {
      change: (s) => s.set(RELEASE, "values.rbac", undefined),
      finds: [
        "Release kagent/kagent (helm.sh/v3), values.rbac.namespaces: gives the controller every namespace. List kagent and the tenants.",
      ],
    },
    "a namespace of somebody else": {
      change: (s) => s.push(RELEASE, "values.rbac.namespaces", "shop"),
      finds: [
        "Release kagent/kagent (helm.sh/v3), values.rbac.namespaces: names shop, which is no tenant of this stack. Remove it.",
      ],
    },
  },
  unknown: [RELEASE, "values.rbac.namespaces"],
});

const ISTIOD = "Release istio-system/istiod";
const NOT_GOOD = "is not what the layers rely on. Write what the stack writes.";
const GOVERNS = "is none that the layers know, nor one that configuration may set. Remove it.";
const PROXY =
  "Release kagent/kagent (helm.sh/v3), values.proxy.url: must be the gateway's address where delegations go through it, and be empty where they do not.";

cases("supply-chain-governed-values", {
  violating: {
    "sidecars that pass something by": {
      change: (s) => s.set(ISTIOD, "values.global.proxy.excludeInboundPorts", "8080"),
      finds: [`${ISTIOD} (helm.sh/v3), values.global.proxy.excludeInboundPorts: ${GOVERNS}`],
    },
    "the default, which lets pods reach every host": {
      change: (s) => s.set(ISTIOD, "values.meshConfig.outboundTrafficPolicy", undefined),
      finds: [
        `${ISTIOD} (helm.sh/v3), values.meshConfig.outboundTrafficPolicy.mode: is missing: the chart's default is not what the layers rely on.`,
      ],
    },
    "a load balancer in front of the controller": {
      change: (s) => s.set(RELEASE, "values.controller.service.type", "LoadBalancer"),
      finds: [`${RELEASE} (helm.sh/v3), values.controller.service.type: ${NOT_GOOD}`],
    },
    "delegations that go elsewhere, or past the gateway": {
      change: (s) => s.set(RELEASE, "values.proxy.url", "http://proxy.shop:8083"),
      finds: [PROXY],
    },
    "objects that no rule sees": {
      change: (s) => s.set(RELEASE, "values.extraObjects", [{ kind: "Pod" }]),
      finds: [`${RELEASE} (helm.sh/v3), values.extraObjects: ${GOVERNS}`],
    },
    "Gatekeeper that changes objects": {
      change: (s) => s.set("Release gatekeeper-system/gatekeeper", "values.disableMutation", false),
      finds: [`Release gatekeeper-system/gatekeeper (helm.sh/v3), values.disableMutation: ${NOT_GOOD}`],
    },
    "a text in the place of everything below": {
      change: (s) => s.set("Release kagent/a2a-gateway", "values.serviceAccount", "mine"),
      finds: [
        `Release kagent/a2a-gateway (helm.sh/v3), values.serviceAccount: ${GOVERNS}`,
        "Release kagent/a2a-gateway (helm.sh/v3), values.serviceAccount: must be a map: as it stands, supply-chain-governed-values cannot be checked.",
      ],
    },
  },
  unknown: [ISTIOD, "values.meshConfig.outboundTrafficPolicy.mode"],
});

cases("supply-chain-values-in-sight", {
  violating: Object.fromEntries(
    [
      ["postrender", "./rewrite.sh"],
      ["valueYamlFiles", ["values.yaml"]],
      ["reuseValues", true],
      ["devel", true],
    ].map(([key, value]) => [
      String(key),
      {
        change: (s: Draft) => s.set(RELEASE, String(key), value),
        finds: [`${RELEASE} (helm.sh/v3), ${String(key)}: installs what does not stand here. Remove it.`],
      },
    ]),
  ),
  unknown: [RELEASE, "valueYamlFiles"],
});

cases("supply-chain-images", {
  violating: {
    "a tag that moves": {
      change: (s) => s.set(RELEASE, "values.controller.image.tag", "latest"),
      finds: [
        "Release kagent/kagent (helm.sh/v3), values.controller.image.tag: is no fixed version. Name one, or a digest.",
      ],
    },
    "no tag": {
      change: (s) => s.set(RELEASE, "values.ui", { image: "ghcr.io/kagent-dev/kagent/ui" }),
      finds: [
        "Release kagent/kagent (helm.sh/v3), values.ui.image: is no fixed version. Name a tag with a version, or a digest.",
      ],
    },
    "an agent's own": {
      change: (s) =>
        s.set(
          "Agent team-alpha/orchestrator",
          "spec.declarative.deployment.image",
          "example.com/agent:latest",
        ),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.image: is no fixed version. Name a tag with a version, or a digest.",
      ],
    },
  },
  unknown: [RELEASE, "values.ui"],
  notApplicable: FOREIGN,
});

cases("supply-chain-leaf-issuer", {
  variant: { edit: withoutMeshAuthority },
  with: certificates,
  violating: {
    "a leaf that signs itself": {
      change: (s) => s.set("Certificate istio-system/leaf", "spec.issuerRef.name", "bootstrap"),
      finds: [
        "Certificate istio-system/leaf (cert-manager.io/v1), spec.issuerRef: is a selfSigned issuer. Refer to one of type ca or vault.",
      ],
    },
  },
  unknown: ["Certificate istio-system/leaf", "spec.issuerRef.name"],
});

cases("supply-chain-issuer-resolves", {
  variant: { edit: withoutMeshAuthority },
  with: certificates,
  violating: {
    "an issuer that is not there": {
      change: (s) => s.drop("ClusterIssuer mesh-root"),
      finds: [
        "Certificate istio-system/leaf (cert-manager.io/v1), spec.issuerRef: there is no ClusterIssuer mesh-root in this stack.",
      ],
    },
    "a namespaced issuer by mistake": {
      change: (s) => s.set("Certificate istio-system/leaf", "spec.issuerRef.kind", undefined),
      finds: [
        "Certificate istio-system/leaf (cert-manager.io/v1), spec.issuerRef: there is no Issuer mesh-root in this stack.",
      ],
    },
    "a Secret in another namespace": {
      change: (s) => s.set("Certificate cert-manager/mesh-root", "metadata.namespace", "istio-system"),
      finds: [
        "ClusterIssuer mesh-root (cert-manager.io/v1), spec.ca.secretName: nothing in this stack writes Secret cert-manager/mesh-root. Declare its Certificate or Secret there.",
      ],
    },
  },
  unknown: ["Certificate istio-system/leaf", "spec.issuerRef.name"],
});

describe("supply-chain-known-repository", () => {
  it("lets charts come from a mirror that was reviewed", () => {
    const stack = startOf({ violating: {}, unknown: ["", ""] });
    stack
      .set(RELEASE, "chart", "oci://registry.example.com/charts/kagent")
      .set("Release gatekeeper-system/gatekeeper", "repositoryOpts.repo", "https://charts.example.com/opa/");
    assert.deepEqual(check(ruleNamed("supply-chain-known-repository"), stack.manifests).findings, []);
  });
});

cases("supply-chain-crds-kept", {
  violating: {
    "certificates that go with their release": {
      change: (s) => s.set("Release cert-manager/cert-manager", "values.crds.keep", undefined),
      finds: ["Release cert-manager/cert-manager (helm.sh/v3), values.crds.keep: must be true."],
    },
    "secrets that go with their release": {
      change: (s) => s.set("Release external-secrets/external-secrets", "values.crds", { annotations: {} }),
      finds: [
        'Release external-secrets/external-secrets (helm.sh/v3), values.crds.annotations["helm.sh/resource-policy"]: must be keep.',
      ],
    },
  },
  unknown: ["Release cert-manager/cert-manager", "values.crds.keep"],
});
