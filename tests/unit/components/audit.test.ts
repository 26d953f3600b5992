import * as assert from "node:assert/strict";
import { type AuditRule, auditPolicy } from "../../../components/layers/audit";
import { auditInstructions } from "../../../components/layers/audit-instructions";
import type { Doc } from "../../../verify/static/objects";
import { devTopology } from "../../support/dev";

interface Event {
  readonly verb: string;
  readonly group?: string;
  /** With its subresource, e.g. `pods/exec`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly user?: string;
}
const { rules } = auditPolicy(devTopology());

/** As kube-apiserver does it: the first rule that matches decides. */
function levelOf({ verb, group = "", resource, namespace = "", user = "alice" }: Event): string {
  const covers = (list: Doc, value: string): boolean => list === undefined || list.includes(value);
  const found = rules.find(
    (rule: AuditRule & Doc) =>
      covers(rule.verbs, verb) &&
      covers(rule.users, user) &&
      covers(rule.namespaces, namespace) &&
      (rule.resources === undefined ||
        rule.resources.some((one: Doc) => one.group === group && covers(one.resources, resource))),
  );
  return found?.level ?? "None";
}

describe("the audit log", () => {
  it("holds the whole Agent when one is written", () => {
    for (const verb of ["create", "update", "patch", "delete"])
      assert.equal(
        levelOf({ verb, group: "kagent.dev", resource: "agents", namespace: "team-alpha" }),
        "RequestResponse",
      );
  });

  it("never holds the body of a Secret, a ConfigMap or a minted token", () => {
    for (const verb of ["create", "update", "patch", "get", "list", "delete"])
      for (const resource of ["secrets", "configmaps", "serviceaccounts/token"])
        assert.equal(levelOf({ verb, resource, namespace: "team-alpha" }), "Metadata", `${verb} ${resource}`);
    const review = { verb: "create", group: "authentication.k8s.io", resource: "tokenreviews" };
    assert.equal(levelOf(review), "Metadata");
  });

  it("holds every change of what governs", () => {
    for (const [group, resource] of [
      ["", "namespaces"],
      ["", "serviceaccounts"],
      ["networking.k8s.io", "networkpolicies"],
      ["policy.networking.k8s.io", "adminnetworkpolicies"],
      ["policy.networking.k8s.io", "clusternetworkpolicies"],
      ["cilium.io", "ciliumnetworkpolicies"],
      ["cilium.io", "ciliumclusterwidenetworkpolicies"],
      ["crd.projectcalico.org", "networkpolicies"],
      ["crd.projectcalico.org", "globalnetworkpolicies"],
      ["projectcalico.org", "networkpolicies"],
      ["projectcalico.org", "globalnetworkpolicies"],
      ["rbac.authorization.k8s.io", "rolebindings"],
      ["admissionregistration.k8s.io", "validatingadmissionpolicies"],
      ["security.istio.io", "authorizationpolicies"],
      ["security.istio.io", "requestauthentications"],
      ["networking.istio.io", "virtualservices"],
      ["constraints.gatekeeper.sh", "kagenta2aagents"],
    ] as const)
      assert.equal(
        levelOf({ verb: "update", group, resource, namespace: "team-alpha" }),
        "RequestResponse",
        resource,
      );
  });

  it("does not hold what network plugins note of pods", () => {
    for (const [group, resource] of [
      ["cilium.io", "ciliumendpoints"],
      ["cilium.io", "ciliumnetworkpolicies/status"],
      ["crd.projectcalico.org", "ipamblocks"],
    ] as const)
      assert.equal(levelOf({ verb: "update", group, resource, namespace: "team-alpha" }), "Metadata");
  });

  it("knows who entered a running agent", () => {
    for (const resource of ["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers"])
      for (const namespace of ["team-alpha", "team-beta", "kagent"])
        assert.notEqual(levelOf({ verb: "create", resource, namespace }), "None");
  });

  it("leaves out heartbeats", () => {
    assert.equal(levelOf({ verb: "update", group: "coordination.k8s.io", resource: "leases" }), "None");
    assert.equal(levelOf({ verb: "list", resource: "pods", user: "system:kube-scheduler" }), "None");
  });
});

describe("the instructions for the audit policy", () => {
  const instructions = (distribution: string) =>
    auditInstructions(
      devTopology((c) => {
        c.cluster.distribution = distribution;
      }).cluster,
    );

  it("name the flag where the API server can be given the file", () => {
    for (const distribution of ["kind", "kubeadm", "k3d", "k3s", "other"])
      assert.match(instructions(distribution), /audit-policy-file/, distribution);
  });

  it("say so where a cloud fixes the policy", () => {
    for (const distribution of ["eks", "gke", "aks"])
      assert.match(instructions(distribution), /cannot be put into force/, distribution);
  });
});
