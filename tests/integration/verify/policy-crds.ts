/**
 * Network policies of other kinds, as far as verify reads them (network-policy-api 0.3, Cilium 1.18, Calico 3.28, its tiers as of 3.29). Their real
 * schemas say more; what they say otherwise is kept.
 */
import type { Crd } from "../../../sandbox/crds";

const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

const crd = (group: string, version: string, kind: string, scope: "Cluster" | "Namespaced"): Crd => {
  const plural = kind.toLowerCase().replace(/y$/, "ies");
  const schema = { type: "object", properties: { spec: open, specs: { type: "array", items: open } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      // Kubernetes demands a review of groups of its own.
      annotations: { "api-approved.kubernetes.io": "unapproved, for a test" },
    },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope,
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  } as unknown as Crd;
};

export const POLICY_CRDS: readonly Crd[] = [
  crd("policy.networking.k8s.io", "v1alpha1", "AdminNetworkPolicy", "Cluster"),
  crd("policy.networking.k8s.io", "v1alpha2", "ClusterNetworkPolicy", "Cluster"),
  crd("cilium.io", "v2", "CiliumNetworkPolicy", "Namespaced"),
  crd("cilium.io", "v2", "CiliumClusterwideNetworkPolicy", "Cluster"),
  crd("crd.projectcalico.org", "v1", "NetworkPolicy", "Namespaced"),
  crd("projectcalico.org", "v3", "GlobalNetworkPolicy", "Cluster"),
];
