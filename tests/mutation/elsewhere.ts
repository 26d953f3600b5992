/** Objects that somebody adds outside of the governed namespaces, or in forms that nobody expects, and that hold there all the same. */
import { type Loose, manifest } from "../policy/support/draft";
import { add, type Mutant, mutant } from "./mutant";

const SECURITY = "security.istio.io/v1";
const MESH = "networking.istio.io/v1";
const RBAC = "rbac.authorization.k8s.io/v1";
const ADMISSION = "admissionregistration.k8s.io/v1";
const TEAM = { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "team-alpha-developers" };
const ACCOUNT = { kind: "ServiceAccount", name: "orchestrator-sa", namespace: "team-alpha" };
const CONTROLLER = { kind: "ServiceAccount", name: "kagent-controller", namespace: "kagent" };
const SECRETS = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
const EVERYTHING = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };

const mesh = (kind: string, name: string, spec: Loose): Loose => manifest(MESH, kind, name, { spec });
const jwtRules = [
  {
    issuer: "kagent-a2a",
    fromHeaders: [{ name: "X-Agent-Token" }],
    jwks: JSON.stringify({ keys: [{ kty: "OKP", crv: "Ed25519", x: "b3RoZXI" }] }),
  },
];
const grant = (namespace: string, rule: Loose, subject: Loose): Loose[] => [
  manifest(RBAC, "Role", `${namespace}/x`, { rules: [rule] }),
  manifest(RBAC, "RoleBinding", `${namespace}/x`, {
    roleRef: { kind: "Role", name: "x" },
    subjects: [subject],
  }),
];
const grantAll = (name: string, subject: Loose): Loose =>
  manifest(RBAC, "ClusterRoleBinding", "x", { roleRef: { kind: "ClusterRole", name }, subjects: [subject] });

const tokens = (): Mutant[] => [
  ...["istio-system", "team-beta", "kagent"].map((namespace) =>
    add(
      `tokens of somebody else's key in ${namespace}`,
      manifest(SECURITY, "RequestAuthentication", `${namespace}/x`, { spec: { jwtRules } }),
    ),
  ),
  ...["istio-system/open", "istio-system/agents"].map((name) =>
    add(
      `calls for everybody by AuthorizationPolicy ${name}`,
      manifest(SECURITY, "AuthorizationPolicy", name, {
        spec: {
          ...(name.endsWith("agents") && { selector: { matchLabels: { app: "kagent" } } }),
          rules: [{}],
        },
      }),
    ),
  ),
  mutant("RequestAuthentication team-beta/agent-specialist: another key", (stack) =>
    stack.set("RequestAuthentication team-beta/agent-specialist", "spec.jwtRules[0].jwks", jwtRules[0]?.jwks),
  ),
];

const roles = (): Mutant[] => [
  ...["admin", "edit"].map((name) => add(`${name} for a team, everywhere`, grantAll(name, TEAM))),
  add("Secrets of kube-system for an agent", ...grant("kube-system", SECRETS, ACCOUNT)),
  add("Secrets of an operator for a team", ...grant("external-secrets", SECRETS, TEAM)),
  add(
    "the mesh for a team",
    ...grant("istio-system", { ...EVERYTHING, apiGroups: ["security.istio.io"] }, TEAM),
  ),
  add(
    "everything for kagent's controller",
    manifest(RBAC, "ClusterRole", "x", { rules: [EVERYTHING] }),
    grantAll("x", CONTROLLER),
  ),
  add(
    "Secrets for whoever may view",
    manifest(RBAC, "ClusterRole", "x", {
      metadata: { labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
      rules: [SECRETS],
    }),
  ),
];

const PATCHES = [
  [SECURITY, "AuthorizationPolicyPatch", "team-beta/agent-specialist"],
  [SECURITY, "PeerAuthenticationPatch", "team-beta/default"],
  [SECURITY, "RequestAuthenticationPatch", "team-beta/agent-specialist"],
  ["kagent.dev/v1alpha2", "AgentPatch", "team-beta/specialist"],
  [MESH, "VirtualServicePatch", "kagent/team-beta.specialist"],
  ["constraints.gatekeeper.sh/v1beta1", "KagentA2AAgentsPatch", "kagent-a2a-agents"],
  ["v1", "ConfigMapPatch", "istio-system/istio"],
] as const;

const WORKLOADS = [
  ["v1", "Pod"],
  ["apps/v1", "Deployment"],
  ["batch/v1", "CronJob"],
] as const;

const inNamespaces = (): Mutant[] => [
  ...WORKLOADS.map(([version, kind]) =>
    add(`a ${kind} as an agent's account`, manifest(version, kind, "team-alpha/rogue", { spec: {} })),
  ),
  add(
    "a token of an agent's account",
    manifest("v1", "Secret", "team-alpha/x", { type: "kubernetes.io/service-account-token" }),
  ),
  mutant("Agent team-alpha/orchestrator: a projected token", (stack) =>
    stack.set("Agent team-alpha/orchestrator", "spec.declarative.deployment.volumes", [
      { name: "t", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
    ]),
  ),
  add("an Ingress to kagent", manifest("networking.k8s.io/v1", "Ingress", "kagent/x", { spec: {} })),
  add("a Gateway to kagent", manifest("gateway.networking.k8s.io/v1", "Gateway", "kagent/x", { spec: {} })),
  add(
    "tokens that are pushed out",
    manifest("external-secrets.io/v1alpha1", "PushSecret", "team-alpha/x", {}),
  ),
  ...["EnvoyFilter", "VirtualService", "ServiceEntry"].map((kind) =>
    add(`a ${kind} without a namespace`, mesh(kind, "x", { hosts: ["*"] })),
  ),
  add("a WasmPlugin without a namespace", manifest("extensions.istio.io/v1alpha1", "WasmPlugin", "x")),
  add("a Service without a namespace", manifest("v1", "Service", "x", { spec: { type: "LoadBalancer" } })),
];

const meshElsewhere = (): Mutant[] => [
  add(
    "routes at the gateway from elsewhere",
    mesh("VirtualService", "default/x", { hosts: ["*"], gateways: ["kagent/a2a-gateway"] }),
  ),
  add(
    "routes of a callee from elsewhere",
    mesh("VirtualService", "istio-system/x", { hosts: ["specialist.team-beta.svc.cluster.local"] }),
  ),
  add(
    "the controller's name from elsewhere",
    mesh("ServiceEntry", "default/x", {
      hosts: ["kagent-controller.kagent.svc.cluster.local"],
      exportTo: ["*"],
    }),
  ),
  add("every host for everybody", mesh("ServiceEntry", "istio-system/x", { hosts: ["*.com"] })),
  add(
    "plain text to a callee from elsewhere",
    mesh("DestinationRule", "default/x", {
      host: "specialist.team-beta.svc.cluster.local",
      trafficPolicy: { tls: { mode: "DISABLE" } },
    }),
  ),
  add("a second door of the gateway", mesh("Gateway", "default/x", { selector: { istio: "a2a-gateway" } })),
];

const admission = (): Mutant[] => [
  mutant("Namespace team-alpha: ignored by Gatekeeper", (stack) =>
    stack.set("Namespace team-alpha", 'metadata.labels["admission.gatekeeper.sh/ignore"]', "true"),
  ),
  add(
    "a mutation of Agents",
    manifest("mutations.gatekeeper.sh/v1", "Assign", "x", {
      spec: { applyTo: [{ groups: ["kagent.dev"] }] },
    }),
  ),
  add(
    "a policy that mutates Agents",
    manifest("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", "x", { spec: {} }),
  ),
  add(
    "a webhook that mutates Agents",
    manifest(ADMISSION, "MutatingWebhookConfiguration", "x", {
      webhooks: [{ rules: [{ apiGroups: ["kagent.dev"], resources: ["*"] }] }],
    }),
  ),
];

const ranges = (): Mutant[] =>
  (
    [
      ["NetworkPolicy team-alpha/agent-orchestrator", "10.0.0.0/8", 8080],
      ["NetworkPolicy team-alpha/agent-orchestrator", "10.0.0.0/8", 443],
      ["NetworkPolicy team-alpha/agent-orchestrator", "172.18.0.0/16", 443],
      ["NetworkPolicy team-alpha/agent-orchestrator", "172.18.0.0/16", 6443],
      ["NetworkPolicy kagent/kagent-controller", "10.0.0.0/8", 8080],
    ] as const
  ).map(([title, cidr, port]) =>
    mutant(`${title}: spec.egress + ${cidr} on ${port}`, (stack) =>
      stack.push(title, "spec.egress", { to: [{ ipBlock: { cidr } }], ports: [{ protocol: "TCP", port }] }),
    ),
  );

const podsElsewhere = (): Mutant[] =>
  (
    [
      ["kube-system", 10250],
      ["external-secrets", 443],
      ["shop", 22],
    ] as const
  ).map(([namespace, port]) =>
    mutant(
      `NetworkPolicy team-alpha/agent-orchestrator: spec.egress + pods of ${namespace} on ${port}`,
      (stack) =>
        stack.push("NetworkPolicy team-alpha/agent-orchestrator", "spec.egress", {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
              podSelector: { matchLabels: { app: "x" } },
            },
          ],
          ports: [{ protocol: "TCP", port }],
        }),
    ),
  );

const credentials = (): Mutant[] => [
  add(
    "a key in the bytes of a ConfigMap",
    manifest("v1", "ConfigMap", "team-alpha/c", {
      binaryData: { k: Buffer.from("-----BEGIN PRIVATE KEY-----").toString("base64") },
    }),
  ),
  add(
    "a header of a tool server",
    manifest("kagent.dev/v1alpha2", "RemoteMCPServer", "team-alpha/x", {
      spec: { headersFrom: [{ name: "Authorization", value: "made up" }] },
    }),
  ),
];

export const elsewhere = (): Mutant[] => [
  ...tokens(),
  ...roles(),
  ...PATCHES.map(([version, kind, name]) => add(`a ${kind} of ${name}`, manifest(version, kind, name))),
  ...inNamespaces(),
  ...meshElsewhere(),
  ...admission(),
  ...ranges(),
  ...podsElsewhere(),
  ...credentials(),
];
