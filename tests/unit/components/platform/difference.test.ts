import * as assert from "node:assert/strict";
import { releaseDifference } from "../../../../components/platform/difference";
import { devTopology, type Edit } from "../../../support/dev";

const changed = (edit: Edit) => releaseDifference(devTopology(), devTopology(edit));

describe("what a change does to the platform's releases", () => {
  it("is nothing where nothing changes, and every release for a stack that is new", () => {
    assert.deepEqual(releaseDifference(devTopology(), devTopology()), []);
    const added = releaseDifference(undefined, devTopology());
    assert.equal(added.length, 9);
    assert.equal(added[0], "added cert-manager/cert-manager, chart cert-manager v1.21.2");
  });

  it("names versions and repositories, and of values only where they stand: one may be a secret", () => {
    const lines = changed((c) => {
      c.platform.gatekeeper = {
        version: "3.23.2",
        repository: "oci://mirror.example.com/charts",
        values: { gatekeeper: { replicas: 2, podAnnotations: { key: "hush" } } },
      };
    });
    assert.deepEqual(lines, [
      "changed gatekeeper-system/gatekeeper: version 3.23.1 -> 3.23.2; repository https://open-policy-agent.github.io/gatekeeper/charts -> oci://mirror.example.com/charts; values podAnnotations, replicas",
    ]);
    assert.ok(!lines.join().includes("hush"));
  });

  it("shows a new tenant in what kagent watches, and what is no longer installed", () => {
    assert.deepEqual(
      changed((c) => {
        c.tenants.gamma = {};
        c.platform.externalSecrets = { install: false };
      }),
      [
        "changed kagent/kagent: values rbac.namespaces",
        "removed external-secrets/external-secrets, chart external-secrets",
      ],
    );
  });
});
