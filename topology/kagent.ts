/**
 * Facts about kagent 0.10 (chart 0.10.4, API `kagent.dev/v1alpha2`), each written once.
 * Source: the chart and the controller of that line; where a fact was measured on a running part, it says so.
 */
import type { Labels } from "./labels";

export const KAGENT_API_VERSION = "kagent.dev/v1alpha2";
export const KAGENT_API_GROUP = "kagent.dev";

/** Namespace and Helm release of the platform's kagent. Fixed: principals and selectors contain it. */
export const KAGENT_NAMESPACE = "kagent";

/** kagent 1.0 removed per-agent Deployments, service accounts and cross-namespace tools: this range is what governs. */
export const KAGENT_VERSION_RANGE = ">=0.10.0 <1.0.0";
export const KAGENT_DEFAULT_VERSION = "0.10.4";

/** The controller lists agent tools up to this depth and refuses deeper chains, and cycles. */
export const MAX_CHAIN_LENGTH = 10;
/** `tools` of an Agent: `maxItems` in the CRD. */
export const MAX_TOOLS = 20;

/** Labels a namespace carries to take part in cross-namespace delegation. */
export const CONSUMER_LABEL = "kagent.dev/agent-consumer";
export const PROVIDER_LABEL = "kagent.dev/agent-provider";

/** Container port and Service port `http` of each agent: JSON-RPC on `POST /`, the card below `/.well-known/`. */
export const AGENT_PORT = 8080;
/** Only 8083 of the controller is opened: 8082 is health, 6060 an unauthenticated profiler. */
export const CONTROLLER_PORT = 8083;
export const UI_PORT = 8080;
export const DATABASE_PORT = 5432;

/**
 * Volumes that a team may give to its agents, and what may be projected into one. No other, because a team would write the files of
 * some itself (`image`, or `downwardAPI` with the text of its pod's annotations), and the container may run them.
 */
export const AGENT_VOLUMES = ["configMap", "emptyDir", "persistentVolumeClaim", "secret"] as const;
export const AGENT_PROJECTIONS = ["configMap", "secret"] as const;
/**
 * Environment variables that a team may not give to its agents, in the syntax that RE2 and JavaScript share. Python runs what PYTHON* and
 * BROWSER say (measured with PYTHONPATH, and with PYTHONWARNINGS that names `antigravity`), the loader what LD_* say; STS_* and KAGENT_*
 * choose where the runtime sends the tokens of users (kagent-adk 0.10.4).
 */
export const AGENT_ENV_REFUSED = "^(PYTHON|LD_|STS_|KAGENT_|BROWSER$)";

/** What agents call on the controller. Everything else on that port is the admin API, `/mcp` and other agents. */
export const AGENT_API_PATHS = ["/api/sessions", "/api/tasks", "/api/memories"] as const;

/** The Deployment's own selector labels: the only ones a user cannot override on an agent's pod. */
export function agentPodLabels(agentName: string): Labels {
  return { app: "kagent", kagent: agentName };
}

/** All labels that the controller gives an agent's pods; a team may override the name. */
export function runningAgentLabels(agentName: string): Labels {
  return { ...agentPodLabels(agentName), "app.kubernetes.io/name": agentName };
}

export type KagentComponent = "controller" | "ui" | "database";

/** `app.kubernetes.io/name` alone matches all three, so the component is always part of the selector. */
export function kagentPodLabels(component: KagentComponent): Labels {
  return {
    "app.kubernetes.io/name": "kagent",
    "app.kubernetes.io/instance": KAGENT_NAMESPACE,
    "app.kubernetes.io/component": component,
  };
}

/** Service accounts of the chart. There is none called `kagent`. */
export const CONTROLLER_SERVICE_ACCOUNT = "kagent-controller";
export const UI_SERVICE_ACCOUNT = "kagent-ui";

/** `name` in an agent's card: `my-agent` is written `my_agent` (kagent 0.10). */
export const cardName = (agentName: string): string => agentName.replaceAll("-", "_");

/** uid and gid that the 0.10 agent images run as. */
export const AGENT_UID = 65532;

/** Header in which the Python runtime names the callee when calls go through a proxy: `<callee>.<namespace>`, no port (measured). */
export const CALLEE_HEADER = "x-kagent-host";

/**
 * Header in which an agent names itself to the controller. As `trusted-proxy` the controller takes the user from the bearer token,
 * without looking at its signature; but with this header from `X-User-Id`, whatever the token says (kagent 0.10, proxy_authn.go).
 */
export const AGENT_NAME_HEADER = "x-agent-name";
/** Audience of the service account token that each agent sends to the controller as a bearer token (kagent-adk 0.10.4). */
export const AGENT_TOKEN_AUDIENCE = "kagent";

/** Agents and tools that the chart runs unless told otherwise; `kagent-tools` is cluster-admin (kagent 0.10). */
export const BUILT_IN_AGENTS = [
  "k8s-agent",
  "kgateway-agent",
  "istio-agent",
  "promql-agent",
  "observability-agent",
  "argo-rollouts-agent",
  "helm-agent",
  "cilium-policy-agent",
  "cilium-manager-agent",
  "cilium-debug-agent",
  "kagent-tools",
  "grafana-mcp",
  "querydoc",
] as const;
/** Parts of the chart that stay switched off. */
export const SWITCHED_OFF = [...BUILT_IN_AGENTS, "kmcp", "substrate", "oauth2-proxy"] as const;

/** Providers of a ModelConfig: the block of their settings, what it must hold, and whether they take one API key. */
export const MODEL_PROVIDERS = {
  Anthropic: { block: "anthropic", required: [], apiKey: true },
  AnthropicVertexAI: { block: "anthropicVertexAI", required: ["location", "projectID"], apiKey: false },
  AzureOpenAI: { block: "azureOpenAI", required: ["apiVersion", "azureEndpoint"], apiKey: true },
  Bedrock: { block: "bedrock", required: ["region"], apiKey: false },
  Foundry: { block: "foundry", required: ["deployment", "endpoint"], apiKey: true },
  Gemini: { block: "gemini", required: [], apiKey: true },
  GeminiVertexAI: { block: "geminiVertexAI", required: ["location", "projectID"], apiKey: false },
  Ollama: { block: "ollama", required: ["host"], apiKey: false },
  OpenAI: { block: "openAI", required: [], apiKey: true },
  SAPAICore: { block: "sapAICore", required: ["baseUrl"], apiKey: false },
} as const;
export type ModelProvider = keyof typeof MODEL_PROVIDERS;
