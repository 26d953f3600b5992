import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { releases } from "../../../../components/platform";
import type { ChartName } from "../../../../topology";
import { devTopology, type Edit, type Raw } from "../../../support/dev";
import { devObjects } from "../../../support/dev-objects";

const REVIEWED: Raw = parse(readFileSync(join(__dirname, "dev-releases.yaml"), "utf8"));

const valuesOf = (chart: ChartName, edit?: Edit): Raw =>
  releases(devTopology(edit)).find((release) => release.chart === chart)?.values;

describe("the releases of stack dev", () => {
  const shipped = releases(devTopology());

  it("are those that were reviewed, and no others", () => {
    assert.deepEqual(shipped.map(({ chart }) => chart).sort(), Object.keys(REVIEWED).sort());
  });

  for (const { key: _key, system: _system, chart, ...release } of shipped)
    it(`install chart ${chart} exactly as reviewed`, () => assert.deepEqual(release, REVIEWED[chart]));
});

describe("high availability", () => {
  const available: Edit = (c) => {
    c.platform.highAvailability = true;
  };

  it("is two or more replicas of everything that serves, with disruption budgets", () => {
    const certManager = valuesOf("cert-manager", available);
    for (const part of [certManager, certManager.webhook, certManager.cainjector])
      assert.ok(part.replicaCount >= 2);
    assert.equal(certManager.podDisruptionBudget.enabled, true);
    const budgets = devObjects(available).all("PodDisruptionBudget");
    assert.deepEqual(
      budgets.map(({ metadata, spec }) => [metadata.namespace, spec.minAvailable, spec.selector.matchLabels]),
      ["webhook", "cainjector"].map((component) => [
        "cert-manager",
        1,
        {
          "app.kubernetes.io/name": component,
          "app.kubernetes.io/instance": "cert-manager",
          "app.kubernetes.io/component": component,
        },
      ]),
    );
    assert.deepEqual(devObjects().all("PodDisruptionBudget"), []);
    const externalSecrets = valuesOf("external-secrets", available);
    for (const part of [externalSecrets, externalSecrets.webhook]) {
      assert.ok(part.replicaCount >= 2);
      assert.deepEqual(part.podDisruptionBudget, { enabled: true, minAvailable: 1 });
    }
    const gatekeeper = valuesOf("gatekeeper", available);
    assert.ok(gatekeeper.replicas >= 2);
    assert.equal(gatekeeper.pdb.controllerManager.minAvailable, 1);
    assert.ok(valuesOf("istiod", available).autoscaleMin >= 2);
    const gateway = valuesOf("gateway", available);
    assert.ok(gateway.autoscaling.minReplicas >= 2);
    assert.deepEqual(gateway.podDisruptionBudget, { minAvailable: 1 });
    for (const part of ["controller", "ui"]) {
      const { replicas, pdb } = valuesOf("kagent", available)[part];
      assert.ok(replicas >= 2);
      assert.deepEqual(pdb, { enabled: true, maxUnavailable: 1 });
    }
  });

  it("is what a stack gets that says nothing", () => {
    const silent = releases(
      devTopology((c) => {
        delete c.platform;
      }),
    );
    const loud = releases(
      devTopology((c) => {
        c.platform = { highAvailability: true, protect: true };
      }),
    );
    assert.deepEqual(silent, loud);
  });
});

describe("what follows from the graph and the cluster", () => {
  it("is in the values of the charts", () => {
    const edit: Edit = (c) => {
      c.tenants.more = {};
      c.routing = "direct";
      c.cluster = {
        ...c.cluster,
        trustDomain: "mesh.example.com",
        clusterDomain: "k8s.example.com",
        distribution: "gke",
      };
    };
    assert.deepEqual(valuesOf("kagent", edit).rbac, {
      namespaces: ["kagent", "more", "team-alpha", "team-beta"],
    });
    assert.deepEqual(valuesOf("kagent", edit).proxy, { url: "" });
    const istiod = valuesOf("istiod", edit);
    assert.equal(istiod.meshConfig.trustDomain, "mesh.example.com");
    assert.equal(istiod.global.proxy.clusterDomain, "k8s.example.com");
    assert.equal(istiod.global.platform, "gke");
    assert.equal(valuesOf("cni", edit).global.platform, "gke");
  });

  it("lets the mesh's outbound traffic be open only where configuration says so", () => {
    const { outboundTrafficPolicy } = valuesOf("istiod", (c) => {
      c.platform.outboundTraffic = "any";
    }).meshConfig;
    assert.deepEqual(outboundTrafficPolicy, { mode: "ALLOW_ANY" });
  });
});

describe("protection", () => {
  it("holds the CRDs of kagent unless configuration lifts it", () => {
    const guarded = releases(
      devTopology((c) => {
        c.platform.protect = true;
      }),
    ).filter(({ protect }) => protect);
    assert.deepEqual(
      guarded.map(({ chart }) => chart),
      ["kagent-crds"],
    );
  });
});
