/** Weakenings of Agents, model configurations and Secrets. */
import { drop, indices, modelKey, type Operator, push, remove, set, value } from "./mutant";

const DEPLOYMENT = ["spec", "declarative", "deployment"] as const;
const inDeployment = (...keys: (string | number)[]) => [...DEPLOYMENT, ...keys];
const TOKENS = "orchestrator-a2a-tokens";

const deployments: Operator = function* (object, title, all) {
  for (const key of ["podSecurityContext", "securityContext", "serviceAccountName", "resources"])
    yield remove(title, ...inDeployment(key));
  for (const [context, key] of [
    ["podSecurityContext", "runAsNonRoot"],
    ["podSecurityContext", "seccompProfile"],
    ["securityContext", "runAsNonRoot"],
    ["securityContext", "allowPrivilegeEscalation"],
    ["securityContext", "capabilities"],
  ] as const)
    yield remove(title, ...inDeployment(context, key));
  yield set(title, inDeployment("podSecurityContext", "runAsNonRoot"), false);
  yield set(title, inDeployment("podSecurityContext", "seccompProfile", "type"), "Unconfined");
  yield set(title, inDeployment("securityContext", "runAsNonRoot"), false);
  yield set(title, inDeployment("securityContext", "privileged"), true);
  yield set(title, inDeployment("securityContext", "allowPrivilegeEscalation"), true);
  yield set(title, inDeployment("securityContext", "capabilities", "add"), ["NET_ADMIN"]);
  yield set(title, inDeployment("securityContext", "capabilities", "drop"), ["NET_RAW"]);
  for (const id of [0, 1337]) {
    for (const key of ["runAsUser", "runAsGroup", "fsGroup"])
      yield set(title, inDeployment("podSecurityContext", key), id);
    yield set(title, inDeployment("securityContext", "runAsUser"), id);
  }
  yield set(title, inDeployment("podSecurityContext", "supplementalGroups"), [1337]);
  for (const bound of ["requests", "limits"])
    for (const resource of ["cpu", "memory"])
      yield remove(title, ...inDeployment("resources", bound, resource));
  for (const account of ["default", "orchestrator-sa", "specialist-sa", "kagent-controller"])
    if (account !== value(object, inDeployment("serviceAccountName")))
      yield set(title, inDeployment("serviceAccountName"), account);
  yield set(title, inDeployment("serviceAccountConfig"), { annotations: { a: "b" } });
  yield set(title, inDeployment("extraContainers"), [{ name: "shell", image: "busybox:1.37" }]);
  yield set(title, inDeployment("volumes"), [{ name: "node", hostPath: { path: "/" } }]);
  yield set(title, inDeployment("volumes"), [{ name: "t", secret: { secretName: TOKENS } }]);
  yield set(title, inDeployment("volumes"), [{ name: "code", image: { reference: "example.com/code:1" } }]);
  yield set(title, inDeployment("volumes"), [
    { name: "code", projected: { sources: [{ downwardAPI: { items: [] } }] } },
  ]);
  yield set(title, inDeployment("image"), "example.com/agent:latest");
  yield set(title, inDeployment("imageRegistry"), "registry.example.com/own");
  yield set(title, inDeployment("env"), [{ name: "PYTHONPATH", value: "/code" }]);
  yield set(title, inDeployment("envFrom"), [{ prefix: "LD_", configMapRef: { name: "code" } }]);
  yield set(title, inDeployment("env"), [
    { name: "T", valueFrom: { secretKeyRef: { name: TOKENS, key: "k" } } },
  ]);
  yield set(title, inDeployment("env"), [{ name: "API_TOKEN", value: "made-up" }]);
  yield set(title, inDeployment("envFrom"), [{ secretRef: { name: modelKey(all) } }]);
  for (const labels of [
    { kagent: "specialist" },
    { app: "other" },
    { "sidecar.istio.io/inject": "false" },
    { "security.istio.io/tlsMode": "disabled" },
  ])
    yield set(title, inDeployment("labels"), labels);
  for (const key of [
    "sidecar.istio.io/inject",
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "proxy.istio.io/config",
    "k8s.v1.cni.cncf.io/networks",
  ])
    yield set(title, inDeployment("annotations"), { [key]: "false" });
};

const delegations: Operator = function* (object, title) {
  const tools = ["spec", "declarative", "tools"] as const;
  const metadata = object.metadata as { name: string; namespace: string };
  for (const agent of [
    { name: "orchestrator", namespace: "team-alpha" },
    { name: "specialist", namespace: "team-beta" },
  ])
    if (agent.name !== metadata.name && indices(object, ...tools).length === 0)
      yield push(
        title,
        tools,
        { type: "Agent", agent: { ...agent, kind: "Agent", apiGroup: "kagent.dev" } },
        `an undeclared delegation to ${agent.name}`,
      );
  yield push(
    title,
    tools,
    { type: "Agent", agent: { name: "ghost", namespace: "shop" } },
    "an agent outside",
  );
  yield push(
    title,
    tools,
    {
      type: "McpServer",
      mcpServer: { name: "m" },
      headersFrom: [{ name: "Authorization", value: "made up" }],
    },
    "a literal token",
  );
  yield push(
    title,
    tools,
    {
      type: "McpServer",
      mcpServer: { name: "m" },
      headersFrom: [{ name: "X", valueFrom: { type: "Secret", name: TOKENS, key: "k" } }],
    },
    "a token for an MCP server",
  );
  for (const index of indices(object, ...tools)) {
    const header = [...tools, index, "headersFrom", 0] as const;
    yield remove(title, ...tools, index, "type");
    yield set(title, [...tools, index, "agent", "name"], "ghost");
    yield remove(title, ...tools, index, "agent", "namespace");
    yield set(title, [...tools, index, "agent", "kind"], "SandboxAgent");
    yield remove(title, ...tools, index, "headersFrom");
    yield set(title, [...header, "name"], "X-Other");
    yield set(title, [...header, "value"], "made up");
    yield set(title, [...header, "valueFrom", "key"], "team-beta.other");
    yield set(title, [...header, "valueFrom", "name"], "specialist-a2a-tokens");
    yield set(title, [...header, "valueFrom", "type"], "ConfigMap");
    yield remove(title, "metadata", "labels", "kagent-a2a/token-fingerprint");
  }
};

export const agents: Operator = function* (object, title, all) {
  if (object.kind !== "Agent") return;
  yield* deployments(object, title, all);
  yield* delegations(object, title, all);
  const allowed = ["spec", "allowedNamespaces"] as const;
  yield set(title, allowed, { from: "All" });
  yield set(title, allowed, { from: "Selector", selector: {} });
  yield set(title, allowed, { from: "Selector", selector: { matchLabels: { team: "alpha" } } });
  yield set(title, allowed, {
    from: "Selector",
    selector: { matchLabels: { "kagent.dev/agent-consumer": "true" } },
  });
  yield set(title, allowed, {
    from: "Selector",
    selector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "Exists" }] },
  });
  yield set(title, allowed, {
    from: "Selector",
    selector: {
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["x"] }],
    },
  });
  yield set(title, allowed, {
    from: "Selector",
    selector: {
      matchExpressions: [
        { key: "kubernetes.io/metadata.name", operator: "In", values: ["team-alpha", "team-beta", "shop"] },
      ],
    },
  });
  yield set(title, ["spec", "type"], "BYO");
  yield set(title, ["spec", "byo"], { deployment: { image: "example.com/own:1.0.0" } });
  yield set(title, ["spec", "skills"], { refs: ["example.com/skill:1"] });
  yield set(title, ["spec", "declarative", "executeCodeBlocks"], true);
  for (const runtime of ["go", undefined]) yield set(title, ["spec", "declarative", "runtime"], runtime);
  yield set(title, ["apiVersion"], "kagent.dev/v1alpha1");
  yield set(title, ["spec", "declarative", "systemMessageFrom"], { type: "Secret", name: TOKENS, key: "k" });
};

export const secrets: Operator = function* (object, title) {
  if (object.kind === "ModelConfig") {
    yield set(title, ["spec", "apiKeySecret"], TOKENS);
    yield set(title, ["spec", "apiKeySecret"], "somebody-elses");
    yield set(title, ["spec", "defaultHeaders"], { "X-Api-Key": "made up" });
    yield set(title, ["metadata", "annotations"], { note: "-----BEGIN PRIVATE KEY-----" });
  }
  if (object.kind !== "Secret") return;
  yield drop(title);
  if (!title.endsWith("-a2a-tokens")) return;
  const part = (data: unknown) => Buffer.from(JSON.stringify(data)).toString("base64url");
  const forged = (alg: string, sub: string, aud: string) =>
    `${part({ alg })}.${part({ iss: "kagent-a2a", sub, aud })}.c2ln`;
  const entry = ["stringData", "team-beta.specialist"] as const;
  yield set(
    title,
    entry,
    forged("none", "team-alpha.orchestrator", "team-beta.specialist"),
    "a token without signature",
  );
  yield set(
    title,
    entry,
    forged("HS256", "team-alpha.orchestrator", "team-beta.specialist"),
    "a token of a shared secret",
  );
  yield set(
    title,
    entry,
    forged("EdDSA", "team-beta.specialist", "team-beta.specialist"),
    "a token of another caller",
  );
  yield set(
    title,
    entry,
    forged("EdDSA", "team-alpha.orchestrator", "team-alpha.orchestrator"),
    "a token for another callee",
  );
  yield set(
    title,
    ["stringData", "team-beta.other"],
    forged("EdDSA", "team-alpha.orchestrator", "team-beta.specialist"),
    "one token for two callees",
  );
};
