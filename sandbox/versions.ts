/**
 * The versions the sandbox, the lab and the tests run, pinned once. The module files in `builds/` name the same ones;
 * a test holds them together.
 */
export const versions = {
  etcd: "v3.7.3",
  kubernetes: "v1.36.3",
  pulumi: "v3.250.0",
  istio: "1.31.0",
  networkPolicies: "v0.8.0",
  helm: "v3.22.0",
  gatekeeper: "v3.23.1",
  certManager: "v1.21.2",
  netpolAnalyzer: "v1.2.0",
  cyclonus: "v0.5.6",
} as const;
