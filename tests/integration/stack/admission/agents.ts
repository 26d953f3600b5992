/** Changes of `team-alpha/orchestrator`, which delegates to `team-beta/specialist` and was given `search-credentials`. */
import type { AdmissionCase } from "./change";

const deployment = "spec.declarative.deployment";
const tool = "spec.declarative.tools.0";
const refused =
  (message: string) =>
  (title: string, change: AdmissionCase["change"]): AdmissionCase => ({ title, change, refused: message });
const admitted = (title: string, change: AdmissionCase["change"]): AdmissionCase => ({ title, change });

const secretEnv = (name: string) => [{ name: "TOKEN", valueFrom: { secretKeyRef: { name, key: "token" } } }];
const toolFor = (namespace: string | undefined, name: string) => ({
  type: "Agent",
  agent: { name, ...(namespace !== undefined && { namespace }), kind: "Agent", apiGroup: "kagent.dev" },
});

const undeclared = refused("which the delegation graph does not declare");
const withinTeam = refused(
  "it delegates to an agent of its own namespace that the delegation graph does not declare",
);
const type = refused("spec.type must be Declarative");
const mcp = refused("MCP servers must be of its own namespace");
const openings = refused("spec.allowedNamespaces must be Same, or select by kubernetes.io/metadata.name");
const account = refused("it must run as its own service account");
const podContext = refused("podSecurityContext must set runAsNonRoot and seccompProfile RuntimeDefault");
const context = refused(
  "securityContext must set runAsNonRoot, forbid privilege escalation and drop ALL capabilities",
);
const identifier = refused("it must not run as uid or gid 1337");
const podLabels = refused("its pods may not carry labels or annotations of Istio");
const containers = refused("extra containers are not allowed");
const privileged = refused("skills and executeCodeBlocks make its container privileged");
const image = refused("spec.declarative.deployment.imageRegistry would choose its image");
const volume = refused("its volumes may be of type configMap, emptyDir, persistentVolumeClaim or secret");
const environment = refused("variables named PYTHON*, LD_* or BROWSER");
const token = refused("a delegation token may be sent to its own callee only");
const secret = refused("it names a Secret that the delegation graph does not give it");

export const AGENT_CASES: readonly AdmissionCase[] = [
  undeclared("another agent of the declared team", { [`${tool}.agent.name`]: "archivist" }),
  undeclared("an agent of the platform", { [`${tool}.agent`]: toolFor("kagent", "k8s-agent").agent }),
  undeclared("one more tool", { "spec.declarative.tools.1": toolFor("team-beta", "archivist") }),
  withinTeam("an agent of the same team", { "spec.declarative.tools.1": toolFor("team-alpha", "librarian") }),
  withinTeam("the same without naming the namespace", {
    "spec.declarative.tools.1": toolFor(undefined, "librarian"),
  }),
  refused("tools of type Agent must be Agents of kagent.dev")("a tool of another kind", {
    [`${tool}.agent.kind`]: "SandboxAgent",
  }),
  type("a container of its own", {
    "spec.type": "BYO",
    "spec.byo": { deployment: { image: "example.com/x:1" } },
  }),
  mcp("an MCP server of another namespace", {
    "spec.declarative.tools.1": {
      type: "McpServer",
      mcpServer: {
        name: "tools",
        namespace: "kagent",
        kind: "RemoteMCPServer",
        apiGroup: "kagent.dev",
        toolNames: [],
      },
    },
  }),
  openings("open to all namespaces", { "spec.allowedNamespaces": { from: "All" } }),
  openings("open to a namespace that is no caller", {
    "spec.allowedNamespaces": {
      from: "Selector",
      selector: {
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["team-beta"] }],
      },
    },
  }),
  openings("open by a label that others can set", {
    "spec.allowedNamespaces": { from: "Selector", selector: { matchLabels: { team: "beta" } } },
  }),
  openings("open to everything by an empty selector", {
    "spec.allowedNamespaces": { from: "Selector", selector: {} },
  }),
  account("no service account", { [`${deployment}.serviceAccountName`]: undefined }),
  account("another agent's service account", { [`${deployment}.serviceAccountName`]: "librarian-sa" }),
  podContext("no pod security context", { [`${deployment}.podSecurityContext`]: undefined }),
  podContext("no seccomp profile", {
    [`${deployment}.podSecurityContext.seccompProfile.type`]: "Unconfined",
  }),
  context("no security context", { [`${deployment}.securityContext`]: undefined }),
  context("privileged", { [`${deployment}.securityContext.privileged`]: true }),
  context("with privilege escalation", { [`${deployment}.securityContext.allowPrivilegeEscalation`]: true }),
  context("as root if it likes", { [`${deployment}.securityContext.runAsNonRoot`]: false }),
  context("one capability more", { [`${deployment}.securityContext.capabilities.add`]: ["NET_RAW"] }),
  context("capabilities kept", { [`${deployment}.securityContext.capabilities.drop`]: ["NET_RAW"] }),
  identifier("the sidecar's uid", { [`${deployment}.podSecurityContext.runAsUser`]: 1337 }),
  identifier("the sidecar's gid", { [`${deployment}.podSecurityContext.runAsGroup`]: 1337 }),
  identifier("the sidecar's uid for the container", { [`${deployment}.securityContext.runAsUser`]: 1337 }),
  identifier("the sidecar's gid for its files", { [`${deployment}.podSecurityContext.fsGroup`]: 1337 }),
  identifier("the sidecar's gid besides", {
    [`${deployment}.podSecurityContext.supplementalGroups`]: [1337],
  }),
  identifier("root", { [`${deployment}.podSecurityContext.runAsUser`]: 0 }),
  podLabels("out of the mesh by annotation", {
    [`${deployment}.annotations`]: { "sidecar.istio.io/inject": "false" },
  }),
  podLabels("some ports past the sidecar", {
    [`${deployment}.annotations`]: { "traffic.sidecar.istio.io/excludeOutboundPorts": "8080" },
  }),
  podLabels("out of the mesh by label", { [`${deployment}.labels`]: { "sidecar.istio.io/inject": "false" } }),
  podLabels("the name of another agent", { [`${deployment}.labels`]: { kagent: "specialist" } }),
  podLabels("not the label that policies select", { [`${deployment}.labels`]: { app: "other" } }),
  podLabels("the gateway's label", { [`${deployment}.labels`]: { istio: "a2a-gateway" } }),
  podLabels("another network besides the cluster's", {
    [`${deployment}.annotations`]: { "k8s.v1.cni.cncf.io/networks": "other" },
  }),
  image("an image of its own", { [`${deployment}.imageRegistry`]: "registry.example.com/own" }),
  volume("files of an image of its own", {
    [`${deployment}.volumes`]: [{ name: "code", image: { reference: "example.com/code:1" } }],
  }),
  volume("files with the text of its annotations", {
    [`${deployment}.volumes`]: [
      {
        name: "code",
        downwardAPI: {
          items: [
            {
              path: "sitecustomize.py",
              fieldRef: { fieldPath: "metadata.annotations['example.com/code']" },
            },
          ],
        },
      },
    ],
  }),
  volume("a token for the API server", {
    [`${deployment}.volumes`]: [
      { name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
    ],
  }),
  volume("a volume of a storage driver", {
    [`${deployment}.volumes`]: [{ name: "keys", csi: { driver: "secrets-store.csi.k8s.io" } }],
  }),
  ...[
    "PYTHONPATH",
    "PYTHONWARNINGS",
    "LD_PRELOAD",
    "BROWSER",
    "STS_WELL_KNOWN_URI",
    "KAGENT_PROPAGATE_TOKEN",
  ].map((name) => environment(name, { [`${deployment}.env`]: [{ name, value: "x" }] })),
  environment("PYTHONPATH by its prefix", {
    [`${deployment}.envFrom`]: [{ prefix: "PYTHON", configMapRef: { name: "prompts" } }],
  }),
  containers("a container besides", {
    [`${deployment}.extraContainers`]: [{ name: "shell", image: "example.com/shell:1" }],
  }),
  privileged("code execution", { "spec.declarative.executeCodeBlocks": true }),
  privileged("skills from images", { "spec.skills": { refs: ["example.com/skill:1"] } }),
  token("its token to an MCP server", {
    "spec.declarative.tools.1": {
      type: "McpServer",
      mcpServer: { name: "tools", kind: "RemoteMCPServer", apiGroup: "kagent.dev", toolNames: [] },
      headersFrom: [
        {
          name: "X-Agent-Token",
          valueFrom: { type: "Secret", name: "orchestrator-a2a-tokens", key: "team-beta.specialist" },
        },
      ],
    },
  }),
  token("another callee's token", { [`${tool}.headersFrom.0.valueFrom.key`]: "team-beta.archivist" }),
  token("another agent's tokens", { [`${tool}.headersFrom.0.valueFrom.name`]: "librarian-a2a-tokens" }),
  secret("an API key in the environment", { [`${deployment}.env`]: secretEnv("gpt-api-key") }),
  secret("its own tokens in the environment", {
    [`${deployment}.env`]: secretEnv("orchestrator-a2a-tokens"),
  }),
  secret("a whole Secret in the environment", {
    [`${deployment}.envFrom`]: [{ secretRef: { name: "gpt-api-key" } }],
  }),
  secret("a Secret to pull images with", { [`${deployment}.imagePullSecrets`]: [{ name: "gpt-api-key" }] }),
  secret("a Secret as a volume", {
    [`${deployment}.volumes`]: [{ name: "keys", secret: { secretName: "gpt-api-key" } }],
  }),
  secret("a projected Secret", {
    [`${deployment}.volumes`]: [
      { name: "keys", projected: { sources: [{ secret: { name: "orchestrator-a2a-tokens" } }] } },
    ],
  }),
  secret("instructions from a Secret", {
    "spec.declarative.systemMessage": undefined,
    "spec.declarative.systemMessageFrom": { type: "Secret", name: "gpt-api-key", key: "apiKey" },
  }),

  admitted("nothing changed", {}),
  admitted("other instructions", { "spec.declarative.systemMessage": "You are brief." }),
  admitted("fewer tools", { "spec.declarative.tools": [] }),
  admitted("a literal in the environment", {
    [`${deployment}.env`]: [{ name: "LOG_LEVEL", value: "debug" }],
  }),
  admitted("a given Secret in the environment", { [`${deployment}.env`]: secretEnv("search-credentials") }),
  admitted("a given Secret as a volume", {
    [`${deployment}.volumes`]: [{ name: "keys", secret: { secretName: "search-credentials" } }],
  }),
  admitted("a ConfigMap as a volume", {
    [`${deployment}.volumes`]: [{ name: "prompts", configMap: { name: "prompts" } }],
  }),
  admitted("tolerations", { [`${deployment}.tolerations`]: [{ key: "agents", operator: "Exists" }] }),
  admitted("affinity", {
    [`${deployment}.affinity`]: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: "kubernetes.io/hostname",
            labelSelector: { matchLabels: { kagent: "orchestrator" } },
          },
        ],
      },
    },
  }),
  admitted("labels and annotations of its own", {
    [`${deployment}.labels`]: { "example.com/cost-centre": "7" },
    [`${deployment}.annotations`]: { "example.com/owner": "alpha" },
  }),
  admitted("another uid that is not root", { [`${deployment}.podSecurityContext.runAsUser`]: 1001 }),
  admitted("an MCP server of its own namespace", {
    "spec.declarative.tools.1": {
      type: "McpServer",
      mcpServer: { name: "tools", kind: "RemoteMCPServer", apiGroup: "kagent.dev", toolNames: ["search"] },
    },
  }),
  admitted("open to nobody", { "spec.allowedNamespaces": { from: "Same" } }),
];
