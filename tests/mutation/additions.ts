/** Objects that somebody adds beside those that govern. */
import { manifest } from "../policy/support/draft";
import { add, type Mutant } from "./mutant";

const SECURITY = "security.istio.io/v1";
const NETWORKING = "networking.istio.io/v1";
const RBAC = "rbac.authorization.k8s.io/v1";

export function additions(): Mutant[] {
  const agent = (name: string, spec: Record<string, unknown>, kind = "Agent", version = "v1alpha2") =>
    manifest(`kagent.dev/${version}`, kind, name, { spec });
  const delegation = {
    declarative: { tools: [{ type: "Agent", agent: { name: "specialist", namespace: "team-beta" } }] },
  };
  const tenantNamespaces = ["team-alpha", "team-beta", "kagent"];
  return [
    ...tenantNamespaces.flatMap((namespace) => [
      add(
        `an open NetworkPolicy in ${namespace}`,
        manifest("networking.k8s.io/v1", "NetworkPolicy", `${namespace}/open`, {
          spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{}], egress: [{}] },
        }),
      ),
      add(
        `Cilium's policy in ${namespace}`,
        manifest("cilium.io/v2", "CiliumNetworkPolicy", `${namespace}/open`, {
          spec: { endpointSelector: {}, ingress: [{ fromEntities: ["all"] }] },
        }),
      ),
      ...["crd.projectcalico.org/v1", "projectcalico.org/v3"].map((version) =>
        add(
          `Calico's policy in ${namespace}, ${version}`,
          manifest(version, "NetworkPolicy", `${namespace}/open`, {
            spec: { egress: [{ action: "Allow" }] },
          }),
        ),
      ),
      add(
        `an open AuthorizationPolicy in ${namespace}`,
        manifest(SECURITY, "AuthorizationPolicy", `${namespace}/open`, { spec: { rules: [{}] } }),
      ),
      add(
        `PERMISSIVE in ${namespace}`,
        manifest(SECURITY, "PeerAuthentication", `${namespace}/open`, {
          spec: { selector: { matchLabels: { app: "kagent" } }, mtls: { mode: "PERMISSIVE" } },
        }),
      ),
      add(
        `an EnvoyFilter in ${namespace}`,
        manifest("networking.istio.io/v1alpha3", "EnvoyFilter", `${namespace}/mine`, { spec: {} }),
      ),
      add(`a Sidecar in ${namespace}`, manifest(NETWORKING, "Sidecar", `${namespace}/mine`, { spec: {} })),
      add(
        `a WasmPlugin in ${namespace}`,
        manifest("extensions.istio.io/v1alpha1", "WasmPlugin", `${namespace}/mine`, { spec: {} }),
      ),
      add(
        `a LoadBalancer in ${namespace}`,
        manifest("v1", "Service", `${namespace}/mine`, { spec: { type: "LoadBalancer" } }),
      ),
      add(
        `a NodePort in ${namespace}`,
        manifest("v1", "Service", `${namespace}/mine`, { spec: { type: "NodePort" } }),
      ),
      add(
        `a role for Secrets in ${namespace}`,
        manifest(RBAC, "Role", `${namespace}/mine`, {
          rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
        }),
      ),
      add(
        `plain text clients in ${namespace}`,
        manifest(NETWORKING, "DestinationRule", `${namespace}/mine`, {
          spec: { host: "x", trafficPolicy: { tls: { mode: "DISABLE" } } },
        }),
      ),
      add(
        `a Gateway in ${namespace}`,
        manifest(NETWORKING, "Gateway", `${namespace}/mine`, { spec: { selector: {}, servers: [] } }),
      ),
      add(
        `a catch-all route in ${namespace}`,
        manifest(NETWORKING, "VirtualService", `${namespace}/mine`, {
          spec: {
            hosts: ["*"],
            http: [{ route: [{ destination: { host: "web.shop.svc.cluster.local" } }] }],
          },
        }),
      ),
      add(`a patch of ${namespace}`, manifest("v1", "NamespacePatch", namespace)),
    ]),
    ...[
      ["policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "Allow"],
      ["policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "Accept"],
      ["crd.projectcalico.org/v1", "GlobalNetworkPolicy", "Allow"],
    ].map(([version = "", kind = "", action]) =>
      add(
        `a ${kind} for everybody`,
        manifest(version, kind, "open", {
          spec: { tier: "Admin", subject: { namespaces: {} }, ingress: [{ action }] },
        }),
      ),
    ),
    add(
      "Cilium's policy for everybody",
      manifest("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "open", {
        spec: { endpointSelector: {}, egress: [{ toEntities: ["all"] }] },
      }),
    ),
    ...["EnvoyFilter", "Sidecar"].map((kind) =>
      add(`a ${kind} of the whole mesh`, manifest(NETWORKING, kind, "istio-system/all", { spec: {} })),
    ),
    add(
      "PERMISSIVE for the whole mesh",
      manifest(SECURITY, "PeerAuthentication", "istio-system/default", {
        spec: { mtls: { mode: "PERMISSIVE" } },
      }),
    ),
    add(
      "cluster-admin",
      manifest(RBAC, "ClusterRoleBinding", "all", {
        roleRef: { kind: "ClusterRole", name: "cluster-admin" },
        subjects: [],
      }),
    ),
    add(
      "view for every account",
      manifest(RBAC, "ClusterRoleBinding", "all", {
        roleRef: { kind: "ClusterRole", name: "view" },
        subjects: [{ kind: "Group", name: "system:serviceaccounts" }],
      }),
    ),
    add("an undeclared Agent", agent("team-alpha/rogue", { type: "Declarative" })),
    add("a delegation from elsewhere", agent("shop/rogue", delegation)),
    ...["SandboxAgent", "AgentHarness"].map((kind) =>
      add(`a ${kind}`, agent("team-alpha/rogue", delegation, kind)),
    ),
    add("an Agent of v1alpha1", agent("team-alpha/rogue", {}, "Agent", "v1alpha1")),
    add(
      "a namespace that labels itself a consumer",
      manifest("v1", "Namespace", "shop", { metadata: { labels: { "kagent.dev/agent-consumer": "true" } } }),
    ),
    add(
      "a second writer of the tokens",
      manifest("external-secrets.io/v1", "ExternalSecret", "team-alpha/x", {
        spec: { target: { name: "orchestrator-a2a-tokens" } },
      }),
    ),
    add("a writer of kagent's own Secret", manifest("v1", "Secret", "team-alpha/orchestrator", {})),
    add(
      "a store for everybody",
      manifest("external-secrets.io/v1", "ClusterSecretStore", "all", { spec: { provider: {} } }),
    ),
    add(
      "a key in a ConfigMap",
      manifest("v1", "ConfigMap", "team-alpha/c", { data: { note: "-----BEGIN PRIVATE KEY-----" } }),
    ),
    add("kagent 1.0", {
      apiVersion: "helm.sh/v3",
      kind: "Release",
      name: "kagent",
      namespace: "kagent",
      chart: "oci://ghcr.io/kagent-dev/kagent/helm/kagent",
      version: "1.0.0",
    }),
  ];
}
