/**
 * CHECKED AGAINST A LIST, NOT AGAINST THE CHART: kagent's and External Secrets' charts are in no module, so each value that
 * the program sets is held to what was read in the values.yaml of that release. A key that is not listed fails.
 */
import assert from "node:assert/strict";
import { type PlannedRelease, releases } from "../../../../components/platform/index";
import { leaves } from "../../../support/chart-values";
import { platformTopologies } from "../../../support/platform-topologies";
import { isRendered } from "../../../support/rendered";

type Listed = Exclude<
  PlannedRelease["chart"],
  "base" | "istiod" | "cni" | "gateway" | "gatekeeper" | "cert-manager"
>;

const under = (prefix: string, ...keys: string[]) => keys.map((key) => `${prefix}.${key}`);
const serving = (prefix: string) =>
  under(prefix, "replicas", "pdb.enabled", "pdb.maxUnavailable").concat(
    under(`${prefix}.service`, "type", "ports.port", "ports.targetPort"),
  );

const LISTED: Readonly<Record<Listed, readonly string[]>> = {
  /** github.com/kagent-dev/kagent, line release/v0.10.x, helm/kagent-crds/values.yaml. */
  "kagent-crds": ["kmcp.enabled", "substrate.enabled"],
  /** The same, helm/kagent/values.yaml and the conditions of the dependencies in its Chart.yaml. */
  kagent: [
    ...serving("controller"),
    ...under("controller", "auth.mode", "auth.userIdClaim", "volumes", "volumeMounts"),
    ...serving("ui"),
    ...under("database.postgres", "bundled.enabled", "urlFile"),
    ...["registry", "proxy.url", "providers", "rbac.namespaces"],
    ...[
      "argo-rollouts-agent",
      "cilium-debug-agent",
      "cilium-manager-agent",
      "cilium-policy-agent",
      "grafana-mcp",
      "helm-agent",
      "istio-agent",
      "k8s-agent",
      "kagent-tools",
      "kgateway-agent",
      "kmcp",
      "oauth2-proxy",
      "observability-agent",
      "promql-agent",
      "querydoc",
      "substrate",
    ].map((name) => `${name}.enabled`),
  ],
  /** github.com/external-secrets/external-secrets, tag helm-chart-2.9.0, deploy/charts/external-secrets/values.yaml. */
  "external-secrets": [
    ...[
      "global.repository",
      "installCRDs",
      "leaderElect",
      "replicaCount",
      "certController.create",
      "rbac.serviceAccountTokenCreate",
    ],
    ...under("podDisruptionBudget", "enabled", "minAvailable"),
    ...under("crds", "annotations.helm.sh/resource-policy", "createClusterExternalSecret"),
    ...under("crds", "createClusterGenerator", "createClusterPushSecret", "createClusterSecretStore"),
    "crds.createPushSecret",
    ...["processClusterExternalSecret", "processClusterGenerator", "processClusterPushSecret"],
    ...["processClusterStore", "processPushSecret"],
    ...under("webhook", "create", "failurePolicy", "replicaCount"),
    ...under("webhook.podDisruptionBudget", "enabled", "minAvailable"),
    ...under("webhook.certManager", "enabled", "cert.create"),
    ...under("webhook.certManager.cert.issuerRef", "group", "kind", "name"),
  ],
};

const pathsOf = ({ values }: PlannedRelease) => leaves(values).map((path) => path.join("."));

describe("Helm values of charts that cannot be had here, against a list", () => {
  for (const [stack, topology] of Object.entries(platformTopologies))
    for (const release of releases(topology).filter((each) => !isRendered(each)))
      it(`${release.chart}: each is listed (${stack}; checked against a list, not the chart)`, () => {
        const listed = LISTED[release.chart as Listed];
        assert.deepEqual(
          pathsOf(release).filter((path) => !listed.includes(path)),
          [],
        );
      });

  it("lists nothing that no stack sets", () => {
    const all = Object.values(platformTopologies).flatMap(releases);
    for (const [chart, listed] of Object.entries(LISTED)) {
      const set = new Set(all.filter((release) => release.chart === chart).flatMap(pathsOf));
      assert.deepEqual(
        listed.filter((path) => !set.has(path)),
        [],
        chart,
      );
    }
  });
});
