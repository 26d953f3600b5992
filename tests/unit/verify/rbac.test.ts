import assert from "node:assert/strict";
import { type Context, runCheck } from "../../../verify/checks/check";
import { rbac } from "../../../verify/checks/rbac";
import type { Action } from "../../../verify/live/cluster";
import { devTopology } from "../../support/dev";

/** A right that everybody has: of a Role of each namespace, or of a ClusterRole that is bound for the whole cluster. */
interface Granted {
  readonly group: string;
  readonly resource: string;
  readonly names?: readonly string[];
  readonly isOfNamespaces?: boolean;
}

describe("the rights that nobody may have", () => {
  const topology = devTopology();

  /** As RBAC decides it: a rule with names counts for those alone, a Role for its namespace. */
  async function told(granted: Granted, creatable: readonly Pick<Action, "group" | "resource">[] = []) {
    const { group, resource, names, isOfNamespaces = false } = granted;
    const cluster = {
      creatable: async () => creatable,
      may: async (_: unknown, action: Action) =>
        action.group === group &&
        action.resource === resource &&
        (names === undefined || names.includes(action.name ?? "")) &&
        (!isOfNamespaces || action.namespace !== undefined),
    };
    const context = { topology, cluster } as unknown as Context;
    const checks = rbac.filter(({ title }) => !title.startsWith("a team's editors"));
    const results = await Promise.all(checks.map((check) => runCheck(check, context)));
    const failed = results.flat().filter(({ status }) => status === "fail");
    const rights = failed.map(({ detail }) => detail.split(";")[0]);
    return { all: results.flat().length, failed: failed.length, rights: [...new Set(rights)] };
  }
  const writes = (right: string) =>
    `it may ${["create", "update", "patch", "delete"].map((verb) => `${verb} ${right}`).join(", ")}`;

  for (const [group, resource] of [
    ["policy.networking.k8s.io", "adminnetworkpolicies"],
    ["policy.networking.k8s.io", "clusternetworkpolicies"],
    ["cilium.io", "ciliumclusterwidenetworkpolicies"],
    ["crd.projectcalico.org", "globalnetworkpolicies"],
    ["projectcalico.org", "tier.globalnetworkpolicies"],
  ] as const)
    it(`are those on ${resource}.${group}, in the whole cluster`, async () => {
      const { all, failed, rights } = await told({ group, resource });
      assert.deepEqual(rights, [writes(`${resource}.${group}`)]);
      assert.equal(failed, all);
      assert.equal((await told({ group, resource, isOfNamespaces: true })).failed, 0);
    });

  for (const names of [undefined, ["default.*"]])
    it(`are those on Calico's tier of NetworkPolicies, ${names ?? "whatever names"}`, async () => {
      for (const resource of ["tier.networkpolicies", "tier.globalnetworkpolicies"]) {
        const right = { group: "projectcalico.org", resource, ...(names && { names }) };
        const { all, failed, rights } = await told(right);
        assert.deepEqual(rights, [writes(`${resource}.projectcalico.org`)]);
        assert.equal(failed, all);
      }
    });

  it("are not those that Calico's operator gives everybody, which count for nothing without the tier's", async () => {
    const group = "projectcalico.org";
    const shown = ["networkpolicies", "stagednetworkpolicies"].map((resource) => ({ group, resource }));
    for (const resource of ["networkpolicies", "stagednetworkpolicies", "globalnetworkpolicies"])
      assert.equal((await told({ group, resource }, shown)).failed, 0);
    // What it stores is there for whoever may write it.
    const stored = { group: "crd.projectcalico.org", resource: "networkpolicies" };
    const { all, failed, rights } = await told(stored, [stored]);
    assert.deepEqual(rights, [writes("networkpolicies.crd.projectcalico.org")]);
    assert.equal(failed, all);
  });
});
