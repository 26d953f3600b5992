/** What somebody could break in the shipped stack, one at a time. */
import { generateKeyPairSync } from "node:crypto";
import { jwks, publicJwk, signToken } from "../../../components/layers/token-signing";
import { audience, type Topology, tokenClaims } from "../../../topology/index";
import type { VerifyLayer } from "../../../verify/result";
import { type Any, added, type Breakage, changed, deleted, together } from "./breakage";

const breakage = (
  layer: VerifyLayer,
  names: string,
  what: string,
  breakIt: Breakage["breakIt"],
): Breakage => ({ title: `${names}: ${what}`, layer, names, breakIt });
const gone = (layer: VerifyLayer, names: string) => breakage(layer, names, "deleted", deleted(names));
const other = (layer: VerifyLayer, names: string, what: string, change: (object: Any) => void) =>
  breakage(layer, names, what, changed(names, change));
const foreign = (layer: VerifyLayer, names: string, what: string, body: object) =>
  breakage(layer, names, what, added(names, body));

const everyone = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] };
const everySpecialist = { selector: { matchLabels: { "app.kubernetes.io/name": "specialist" } } };
const firstSource = ({ spec }: Any) => spec.rules[0].from[0].source;
const restrictedPod = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "any",
      image: "example.com/any:1",
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      resources: { requests: { cpu: "10m", memory: "8Mi" }, limits: { cpu: "10m", memory: "8Mi" } },
    },
  ],
};
const group = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name });
const clusterRole = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name });

/** The same key set with another key under the same name. */
function swapKeys(policy: Any): void {
  const rule = policy.spec.jwtRules[0];
  const keys = JSON.parse(rule.jwks).keys;
  const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  rule.jwks = JSON.stringify({ keys: keys.map((key: Any) => ({ ...key, x })) });
}

/** Other keys everywhere, and tokens that they sign: the cluster agrees with itself. */
export const swapEverything =
  ({ delegations, rotation }: Topology): Breakage["breakIt"] =>
  (api) => {
    const password = "somebody else's";
    const rule = (policy: Any) => {
      policy.spec.jwtRules[0].jwks = jwks([publicJwk(password, rotation.current)]);
    };
    const tokens = ({ data }: Any) => {
      for (const { caller, callee } of delegations) {
        const claims = tokenClaims(caller, callee, rotation.current);
        const token = signToken(claims, password, rotation.current);
        data[audience(callee)] = Buffer.from(token).toString("base64");
      }
    };
    return together(
      changed("RequestAuthentication team-beta/agent-specialist", rule),
      changed("RequestAuthentication kagent/a2a-gateway", rule),
      changed("Secret team-alpha/orchestrator-a2a-tokens", tokens),
    )(api);
  };

export const BREAKAGES: readonly Breakage[] = [
  gone("network", "NetworkPolicy team-beta/default-deny"),
  gone("network", "NetworkPolicy team-alpha/agent-orchestrator"),
  gone("network", "NetworkPolicy kagent/a2a-gateway.team-beta"),
  other("network", "NetworkPolicy team-beta/agent-specialist", "open to everybody", ({ spec }) => {
    delete spec.ingress[0].from;
  }),
  other("network", "NetworkPolicy team-beta/agent-specialist", "open on every port", ({ spec }) => {
    delete spec.ingress[0].ports;
  }),
  other("network", "NetworkPolicy team-alpha/agent-orchestrator", "out to every address", ({ spec }) => {
    spec.egress.push({ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] });
  }),
  other("network", "NetworkPolicy team-beta/agent-specialist", "selecting no pod", ({ spec }) => {
    spec.podSelector = { matchLabels: { kagent: "nobody" } };
  }),
  other("network", "NetworkPolicy kagent/default-deny", "about egress only", ({ spec }) => {
    spec.policyTypes = ["Egress"];
  }),
  foreign("network", "NetworkPolicy team-beta/debug", "added, open to everybody", { spec: everyone }),
  foreign("network", "NetworkPolicy kagent/metrics", "added, open to everybody", { spec: everyone }),

  foreign("network", "AdminNetworkPolicy debug", "added, letting everybody in", {
    spec: {
      priority: 1,
      subject: { namespaces: {} },
      ingress: [{ action: "Allow", from: [{ namespaces: {} }] }],
    },
  }),
  foreign("network", "ClusterNetworkPolicy debug", "added, letting a team out", {
    spec: {
      tier: "Admin",
      priority: 1,
      subject: { namespaces: { matchLabels: { "kubernetes.io/metadata.name": "team-alpha" } } },
      egress: [{ action: "Accept", to: [{ networks: ["0.0.0.0/0"] }] }],
    },
  }),
  foreign("network", "CiliumNetworkPolicy team-beta/debug", "added, letting the cluster in", {
    spec: { endpointSelector: {}, ingress: [{ fromEntities: ["cluster"] }] },
  }),
  foreign("network", "CiliumClusterwideNetworkPolicy debug", "added, letting some pods out", {
    spec: { endpointSelector: { matchLabels: { app: "kagent" } }, egress: [{ toEntities: ["world"] }] },
  }),
  breakage(
    "network",
    "NetworkPolicy team-beta/default-deny (crd.projectcalico.org/v1)",
    "added, of Calico, under the name of the stack's own",
    added("NetworkPolicy team-beta/default-deny", {
      apiVersion: "crd.projectcalico.org/v1",
      spec: { order: 1, ingress: [{ action: "Allow" }] },
    }),
  ),
  foreign("network", "GlobalNetworkPolicy debug", "added, letting a team out", {
    spec: { namespaceSelector: "projectcalico.org/name == 'team-beta'", egress: [{ action: "Allow" }] },
  }),

  gone("identity", "PeerAuthentication team-beta/default"),
  gone("identity", "AuthorizationPolicy team-beta/allow-nothing"),
  gone("identity", "AuthorizationPolicy team-beta/agent-specialist"),
  gone("identity", "VirtualService kagent/team-beta.specialist"),
  gone("identity", "DestinationRule kagent/a2a-gateway"),
  other("identity", "PeerAuthentication kagent/default", "PERMISSIVE", ({ spec }) => {
    spec.mtls.mode = "PERMISSIVE";
  }),
  other("identity", "AuthorizationPolicy team-beta/agent-specialist", "without the token", (policy) => {
    delete firstSource(policy).requestPrincipals;
  }),
  other("identity", "AuthorizationPolicy kagent/a2a-gateway.team-beta", "for any principal", (policy) => {
    firstSource(policy).principals = ["*"];
  }),
  other(
    "identity",
    "AuthorizationPolicy kagent/kagent-controller.team-alpha",
    "on every path",
    ({ spec }) => {
      delete spec.rules[0].to[0].operation.paths;
    },
  ),
  other("identity", "AuthorizationPolicy team-beta/agent-specialist", "turned into a DENY", ({ spec }) => {
    spec.action = "DENY";
  }),
  other("identity", "Gateway kagent/a2a-gateway", "without client certificates", ({ spec }) => {
    spec.servers[0].tls = { mode: "SIMPLE", credentialName: "any" };
  }),
  foreign("identity", "AuthorizationPolicy team-beta/debug", "added, for everybody", {
    spec: { rules: [{}] },
  }),
  foreign("identity", "PeerAuthentication team-beta/legacy", "added, PERMISSIVE", {
    spec: { selector: { matchLabels: { kagent: "specialist" } }, mtls: { mode: "PERMISSIVE" } },
  }),
  foreign("identity", "VirtualService kagent/detour", "added", {
    spec: { hosts: ["*"], gateways: ["a2a-gateway"], http: [{ route: [{ destination: { host: "x" } }] }] },
  }),

  other("identity", "AuthorizationPolicy team-beta/agent-specialist", "not enforced", ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, "istio.io/dry-run": "true" };
  }),
  other("identity", "PeerAuthentication team-beta/default", "for another istiod", ({ metadata }) => {
    metadata.labels["istio.io/rev"] = "other";
  }),
  ...[everySpecialist, {}].map((selector) =>
    foreign("identity", "AuthorizationPolicy istio-system/debug", "added, for everybody", {
      spec: { ...selector, rules: [{}] },
    }),
  ),
  foreign("identity", "PeerAuthentication istio-system/legacy", "added, PERMISSIVE", {
    spec: { mtls: { mode: "PERMISSIVE" } },
  }),
  foreign("identity", "VirtualService default/detour", "added, at the gateway", {
    spec: {
      hosts: ["*"],
      gateways: ["kagent/a2a-gateway"],
      http: [{ route: [{ destination: { host: "x" } }] }],
    },
  }),
  foreign("identity", "WasmPlugin team-beta/filter", "added", { spec: { url: "oci://example.com/filter" } }),
  foreign("identity", "Sidecar team-beta/way-in", "added", {
    spec: {
      workloadSelector: { labels: { kagent: "specialist" } },
      ingress: [
        { port: { number: 9090, protocol: "HTTP", name: "http" }, defaultEndpoint: "127.0.0.1:8080" },
      ],
    },
  }),

  foreign("token", "RequestAuthentication istio-system/ours", "added, with our issuer and another key", {
    spec: { ...everySpecialist, jwtRules: [{ issuer: "kagent-a2a", jwks: '{"keys":[{"kid":"1"}]}' }] },
  }),
  other("token", "RequestAuthentication team-beta/agent-specialist", "with another key", swapKeys),
  other("token", "RequestAuthentication kagent/a2a-gateway", "with another key", swapKeys),
  other("token", "RequestAuthentication team-beta/agent-specialist", "for another audience", ({ spec }) => {
    spec.jwtRules[0].audiences = ["team-beta.archivist"];
  }),
  other("token", "RequestAuthentication kagent/a2a-gateway", "dropping tokens", ({ spec }) => {
    delete spec.jwtRules[0].forwardOriginalToken;
  }),
  gone("token", "RequestAuthentication team-beta/agent-specialist"),
  gone("token", "Secret team-alpha/orchestrator-a2a-tokens"),
  other("token", "Secret team-alpha/orchestrator-a2a-tokens", "with a forged token", ({ data }) => {
    const [head, body] = Buffer.from(data["team-beta.specialist"], "base64").toString().split(".");
    const forged = `${head}.${body}.${Buffer.alloc(64, 7).toString("base64url")}`;
    data["team-beta.specialist"] = Buffer.from(forged).toString("base64");
  }),
  other("token", "Secret team-alpha/orchestrator-a2a-tokens", "with one key more", ({ data }) => {
    data["team-beta.archivist"] = data["team-beta.specialist"];
  }),

  gone("admission", "ValidatingAdmissionPolicyBinding kagent-a2a-agents"),
  gone("admission", "ValidatingAdmissionPolicy kagent-a2a-namespaces"),
  other("admission", "ValidatingAdmissionPolicyBinding kagent-a2a-agents", "only auditing", ({ spec }) => {
    spec.validationActions = ["Audit"];
  }),
  other(
    "admission",
    "ValidatingAdmissionPolicy kagent-a2a-agents",
    "with one delegation more",
    ({ spec }) => {
      const params = spec.variables.find(({ name }: Any) => name === "params");
      params.expression = params.expression.replace(
        "'team-beta/specialist': []",
        "'team-beta/specialist': ['team-alpha/orchestrator']",
      );
    },
  ),
  other("admission", "ValidatingAdmissionPolicy kagent-a2a-agents", "failing open", ({ spec }) => {
    spec.failurePolicy = "Ignore";
  }),

  foreign("rbac", "RoleBinding team-alpha/admins", "added", {
    roleRef: clusterRole("admin"),
    subjects: [group("team-alpha-developers")],
  }),
  foreign("rbac", "RoleBinding team-beta/account", "added, for an agent's account written as a user", {
    roleRef: clusterRole("view"),
    subjects: [
      {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "User",
        name: "system:serviceaccount:team-alpha:orchestrator-sa",
      },
    ],
  }),
  other("rbac", "Role team-alpha/team-editor", "reading Secrets", ({ rules }) => {
    rules.push({ apiGroups: [""], resources: ["secrets"], verbs: ["get"] });
  }),
  other("rbac", "RoleBinding team-beta/team-editor", "for another team too", ({ subjects }) => {
    subjects.push(group("team-alpha-developers"));
  }),
  gone("rbac", "RoleBinding team-beta/team-editor"),
  other("rbac", "ServiceAccount team-alpha/orchestrator-sa", "with a token mounted", (account) => {
    account.automountServiceAccountToken = true;
  }),
  breakage(
    "rbac",
    "ServiceAccount team-beta/specialist-sa",
    "bound in the whole cluster",
    added("ClusterRoleBinding kagent-a2a-test-agents", {
      roleRef: clusterRole("cluster-admin"),
      subjects: [{ kind: "ServiceAccount", namespace: "team-beta", name: "specialist-sa" }],
    }),
  ),

  breakage(
    "rbac",
    "ServiceAccount team-alpha/orchestrator-sa",
    "may create leases",
    together(
      added("ClusterRoleBinding kagent-a2a-test-leases", {
        roleRef: clusterRole("kagent-a2a-test-leases"),
        subjects: [{ kind: "ServiceAccount", namespace: "team-alpha", name: "orchestrator-sa" }],
      }),
      added("ClusterRole kagent-a2a-test-leases", {
        rules: [{ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] }],
      }),
    ),
  ),
  breakage(
    "rbac",
    "ciliumclusterwidenetworkpolicies.cilium.io",
    "may be created by a team",
    together(
      added("ClusterRoleBinding kagent-a2a-test-policies", {
        roleRef: clusterRole("kagent-a2a-test-policies"),
        subjects: [group("team-alpha-developers")],
      }),
      added("ClusterRole kagent-a2a-test-policies", {
        rules: [
          { apiGroups: ["cilium.io"], resources: ["ciliumclusterwidenetworkpolicies"], verbs: ["create"] },
        ],
      }),
    ),
  ),
  ...["virtualservices.networking.istio.io", "ciliumnetworkpolicies.cilium.io", "deployments.apps"].map(
    (right) => {
      const [resource = "", ...group] = right.split(".");
      return other("rbac", "Role team-alpha/team-editor", `creating ${resource}`, ({ rules }) => {
        rules.push({ apiGroups: [group.join(".")], resources: [resource], verbs: ["create"] });
      });
    },
  ),

  // Admission keeps the labels that guard it.
  other("namespaces", "Namespace team-beta", "without the name of its program", ({ metadata }) => {
    delete metadata.labels["app.kubernetes.io/managed-by"];
  }),
  other("namespaces", "Namespace team-beta", "in another mode of the mesh", ({ metadata }) => {
    metadata.labels["istio.io/dataplane-mode"] = "ambient";
  }),
  gone("namespaces", "ResourceQuota team-alpha/tenant"),
  other("namespaces", "LimitRange team-beta/tenant", "with more memory", ({ spec }) => {
    spec.limits[0].default.memory = "64Gi";
  }),
  gone("secrets", "Secret team-beta/gpt-api-key"),
  other("models", "ModelConfig team-alpha/gpt", "another model", ({ spec }) => {
    spec.model = "another";
  }),
  foreign("agents", "Pod team-beta/passing-for", "added, with an agent's labels", {
    metadata: {
      name: "passing-for",
      namespace: "team-beta",
      labels: { app: "kagent", kagent: "specialist" },
    },
    spec: restrictedPod,
  }),
  gone("agents", "Agent team-beta/specialist"),
  other("agents", "Agent team-alpha/orchestrator", "with other instructions", ({ spec }) => {
    spec.declarative.systemMessage = "Do as you like.";
  }),
  other("agents", "Agent team-alpha/orchestrator", "not rendered for the current token", ({ metadata }) => {
    metadata.labels["kagent-a2a/token-fingerprint"] = "0";
  }),
  other("reconciler", "Agent team-beta/specialist", "open to its own namespace only", ({ spec }) => {
    spec.allowedNamespaces = { from: "Same" };
  }),
];
