/** Objects of kagent, and all objects together, that the real definitions accept. */
import { externalSecret, secretStore, store } from "./good-secrets";
import type { CustomObject } from "./objects";

const header = (secret: string) => ({
  name: "X-Agent-Token",
  valueFrom: { type: "Secret", name: secret, key: "team-beta.specialist" },
});

export const agent: CustomObject = {
  apiVersion: "kagent.dev/v1alpha2",
  kind: "Agent",
  metadata: { name: "orchestrator" },
  spec: {
    type: "Declarative",
    description: "Plans work.",
    allowedNamespaces: {
      from: "Selector",
      selector: {
        matchExpressions: [
          { key: "kubernetes.io/metadata.name", operator: "In", values: ["team-alpha", "team-beta"] },
        ],
      },
    },
    declarative: {
      runtime: "python",
      systemMessage: "You plan work.",
      modelConfig: "gpt",
      tools: [
        {
          type: "Agent",
          agent: { name: "specialist", namespace: "team-beta", kind: "Agent", apiGroup: "kagent.dev" },
          headersFrom: [header("orchestrator-token")],
        },
        {
          type: "McpServer",
          mcpServer: {
            name: "tools",
            kind: "RemoteMCPServer",
            toolNames: ["a", "b"],
            requireApproval: ["b"],
          },
        },
      ],
      a2aConfig: {
        skills: [
          { id: "plan", name: "Plan", description: "Plans.", tags: ["planning"], examples: ["Plan."] },
        ],
      },
      deployment: {
        replicas: 2,
        serviceAccountName: "agent-orchestrator",
        podSecurityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          fsGroup: 65532,
          seccompProfile: { type: "RuntimeDefault" },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: 1, memory: "1Gi" } },
        labels: { team: "alpha" },
        annotations: { note: "n" },
        deploymentAnnotations: { note: "n" },
        nodeSelector: { zone: "a" },
        env: [
          { name: "LOG_LEVEL", value: "debug" },
          { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
          { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        ],
        envFrom: [{ configMapRef: { name: "c" }, prefix: "P_" }],
        tolerations: [{ key: "gpu", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 5 }],
        imagePullSecrets: [{ name: "registry" }],
        imagePullPolicy: "IfNotPresent",
        imageRegistry: "registry.example.com",
        volumes: [{ name: "cache", emptyDir: { sizeLimit: "1Gi" } }],
        volumeMounts: [{ name: "cache", mountPath: "/cache", readOnly: true }],
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { a: "b" } } },
            ],
          },
        },
        extraContainers: [
          { name: "helper", image: "helper:1", ports: [{ containerPort: 80, protocol: "TCP" }] },
        ],
      },
      context: { compaction: { compactionInterval: 3, summarizer: { modelConfig: "small" } } },
      memory: { modelConfig: "gpt", ttlDays: 3 },
      promptTemplate: { dataSources: [{ name: "prompts", kind: "ConfigMap", alias: "p" }] },
      stream: true,
      shareTools: false,
      executeCodeBlocks: false,
    },
    skills: {
      refs: ["registry.example.com/skill:1"],
      gitRefs: [{ url: "https://git.example.com/skills" }],
      gitAuthSecretRef: { name: "git" },
      initContainer: { env: [{ name: "A", value: "b" }], resources: { limits: { memory: "64Mi" } } },
    },
    sandbox: { network: { allowedDomains: ["example.com"] } },
    provider: { organization: "Example", url: "https://example.com" },
    iconUrl: "https://example.com/icon.png",
    documentationUrl: "https://example.com/doc",
    version: "1.0.0",
  },
};

const agentWithDefaults: CustomObject = {
  apiVersion: "kagent.dev/v1alpha2",
  kind: "Agent",
  metadata: { name: "small" },
  spec: {
    allowedNamespaces: {},
    declarative: { context: { compaction: {} }, deployment: { envFrom: [{ secretRef: {} }] } },
    skills: { gitRefs: [{ url: "u" }], gitAuthSecretRef: {} },
  },
};

export const modelConfig: CustomObject = {
  apiVersion: "kagent.dev/v1alpha2",
  kind: "ModelConfig",
  metadata: { name: "gpt" },
  spec: {
    provider: "OpenAI",
    model: "gpt-4o",
    apiKeySecret: "gpt-api-key",
    apiKeySecretKey: "API_KEY",
    openAI: { baseUrl: "https://api.example.com/v1", temperature: "0.2", maxTokens: 100, n: 1 },
    defaultHeaders: { "X-Team": "alpha" },
    tls: { caCertSecretRef: "ca", caCertSecretKey: "ca.crt", disableSystemCAs: true },
  },
};

const model = (name: string, spec: CustomObject["spec"]): CustomObject => ({
  ...modelConfig,
  metadata: { name },
  spec: { model: "m", ...spec },
});

export const remoteMcpServer: CustomObject = {
  apiVersion: "kagent.dev/v1alpha2",
  kind: "RemoteMCPServer",
  metadata: { name: "tools" },
  spec: {
    description: "Tools.",
    url: "https://tools.example.com/mcp",
    protocol: "SSE",
    headersFrom: [header("tools"), { name: "X-Plain", value: "v" }],
    allowedNamespaces: { from: "All" },
    tls: { disableVerify: true },
  },
};

export const goodObjects: Readonly<Record<string, CustomObject>> = {
  "an Agent that uses every field": agent,
  "an Agent that leaves out what it can": agentWithDefaults,
  "a BYO Agent": {
    ...agent,
    spec: {
      type: "BYO",
      byo: { deployment: { image: "agent:1", cmd: "run", args: ["-v"], workingDir: "/" } },
    },
  },
  "a ModelConfig of OpenAI": modelConfig,
  "a ModelConfig with defaults": model("d", { openAI: {}, tls: {} }),
  "a ModelConfig of Anthropic": model("a", { provider: "Anthropic", anthropic: { maxTokens: 5, topK: 2 } }),
  "a ModelConfig of Bedrock": model("b", {
    provider: "Bedrock",
    apiKeySecret: "aws",
    bedrock: {
      region: "eu",
      additionalModelRequestFields: { top_k: 5 },
      guardrail: { identifier: "i", version: "1" },
    },
  }),
  "a ModelConfig of Foundry": model("f", {
    provider: "Foundry",
    foundry: { deployment: "d", endpointFrom: { key: "k" } },
  }),
  "a ModelConfig of Ollama": model("o", {
    provider: "Ollama",
    ollama: { host: "ollama:11434", options: { a: "b" } },
  }),
  "a RemoteMCPServer": remoteMcpServer,
  "an ExternalSecret": externalSecret,
  "an ExternalSecret with defaults": {
    ...externalSecret,
    spec: { dataFrom: [{ sourceRef: { generatorRef: { kind: "Password", name: "p" } } }] },
  },
  "a SecretStore of Vault": secretStore,
  "a SecretStore of Kubernetes": store("k", {
    kubernetes: { auth: { serviceAccount: { name: "s" } }, server: {} },
  }),
  "a SecretStore of AWS": store("aws", { aws: { service: "SecretsManager", region: "eu", role: "r" } }),
  "a fake SecretStore": store("fake", { fake: { data: [{ key: "k", value: "v" }] } }),
};
