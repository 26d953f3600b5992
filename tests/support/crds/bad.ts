/** Changes that make a good object bad, with words of the API server's refusal. */
import { agent, modelConfig, remoteMcpServer } from "./good";
import { externalSecret, secretStore, store } from "./good-secrets";
import type { CustomObject, Json } from "./objects";

export interface Bad {
  base: CustomObject;
  /** Path of a field, and what stands there instead; undefined removes it. */
  change: [path: string, value: Json | undefined];
  refusal: RegExp;
}

const tool = "spec.declarative.tools.0";
const deployment = "spec.declarative.deployment";
const bad = (base: CustomObject, path: string, value: Json | undefined, refusal: RegExp): Bad => ({
  base,
  change: [path, value],
  refusal,
});

export const badObjects: Readonly<Record<string, Bad>> = {
  "a description below declarative": bad(
    agent,
    "spec.declarative.description",
    "d",
    /unknown field "spec.declarative.description"/,
  ),
  "an unknown field of the spec": bad(agent, "spec.tools", [], /unknown field "spec.tools"/),
  "an unknown field of a tool": bad(
    agent,
    `${tool}.name`,
    "n",
    /unknown field "spec.declarative.tools\[0\].name"/,
  ),
  "an unknown field of the pod": bad(agent, `${deployment}.hostNetwork`, true, /unknown field/),
  "an unknown field of a security context": bad(
    agent,
    `${deployment}.securityContext.root`,
    true,
    /unknown field/,
  ),
  "a tool without type": bad(agent, `${tool}.type`, undefined, /no such key: type/),
  "a tool of another type": bad(agent, `${tool}.type`, "Builtin", /supported values: "McpServer", "Agent"/),
  "an Agent tool that names a server": bad(
    agent,
    `${tool}.mcpServer`,
    { name: "m" },
    /type.mcpServer must be nil/,
  ),
  "an Agent tool without agent": bad(
    agent,
    `${tool}.agent`,
    undefined,
    /type.agent must be specified for Agent/,
  ),
  "an Agent tool without name": bad(agent, `${tool}.agent.name`, undefined, /agent.name: Required value/),
  "approval of a tool that is not used": bad(
    agent,
    "spec.declarative.tools.1.mcpServer.requireApproval",
    ["z"],
    /must also appear in ToolNames/,
  ),
  "a header without value": bad(
    agent,
    `${tool}.headersFrom.0.valueFrom`,
    undefined,
    /Exactly one of value or valueFrom/,
  ),
  "a header with two values": bad(
    agent,
    `${tool}.headersFrom.0.value`,
    "v",
    /Exactly one of value or valueFrom/,
  ),
  "a header from nowhere": bad(
    agent,
    `${tool}.headersFrom.0.valueFrom.type`,
    "Vault",
    /supported values: "ConfigMap", "Secret"/,
  ),
  "21 tools": bad(
    agent,
    "spec.declarative.tools",
    Array(21).fill({ type: "Agent", agent: { name: "a" } }),
    /must have at most 20 items/,
  ),
  "a skill without name": bad(
    agent,
    "spec.declarative.a2aConfig.skills.0.name",
    undefined,
    /skills\[0\].name: Required value/,
  ),
  "no skills": bad(agent, "spec.declarative.a2aConfig.skills", [], /should have at least 1 items/),
  "two system messages": bad(
    agent,
    "spec.declarative.systemMessageFrom",
    { type: "Secret", name: "s", key: "k" },
    /mutually exclusive/,
  ),
  "another runtime": bad(agent, "spec.declarative.runtime", "rust", /supported values: "python", "go"/),
  "replicas as text": bad(agent, `${deployment}.replicas`, "2", /must be of type integer/),
  "a quantity that is none": bad(agent, `${deployment}.resources.limits.memory`, "1 GB", /should match/),
  "an environment variable without name": bad(agent, `${deployment}.env.0.name`, undefined, /Required value/),
  "a volume without name": bad(agent, `${deployment}.volumes.0.name`, undefined, /Required value/),
  "a service account and its configuration": bad(
    agent,
    `${deployment}.serviceAccountConfig`,
    {},
    /mutually exclusive/,
  ),
  "a selector that is missing": bad(
    agent,
    "spec.allowedNamespaces.selector",
    undefined,
    /selector must be specified/,
  ),
  "namespaces from anywhere": bad(agent, "spec.allowedNamespaces.from", "Any", /supported values/),
  "a BYO Agent without byo": bad(agent, "spec.type", "BYO", /byo must be specified if type is BYO/),
  "an Agent of another type": bad(agent, "spec.type", "Remote", /supported values/),
  "a skill source that is empty": bad(agent, "spec.skills.refs", [], /should have at least 1 items/),
  "a provider without URL": bad(
    agent,
    "spec.provider",
    { organization: "o" },
    /provider.url: Required value/,
  ),
  "a ModelConfig without model": bad(modelConfig, "spec.model", undefined, /spec.model: Required value/),
  "settings of another provider": bad(
    modelConfig,
    "spec.provider",
    "Anthropic",
    /provider.openAI must be nil/,
  ),
  "an unknown provider": bad(modelConfig, "spec.provider", "Mistral", /supported values/),
  "a key without its Secret": bad(modelConfig, "spec.apiKeySecret", undefined, /apiKeySecret must be set/),
  "a Secret without its key": bad(
    modelConfig,
    "spec.apiKeySecretKey",
    undefined,
    /apiKeySecretKey must be set/,
  ),
  "a Secret and passthrough": bad(modelConfig, "spec.apiKeyPassthrough", true, /mutually exclusive/),
  "a temperature as number": bad(modelConfig, "spec.openAI.temperature", 0.2, /must be of type string/),
  "two limits of tokens": bad(modelConfig, "spec.openAI.maxCompletionTokens", 5, /mutually exclusive/),
  "an unknown setting of a model": bad(modelConfig, "spec.openAI.endpoint", "e", /unknown field/),
  "a token exchange without account": bad(
    modelConfig,
    "spec.openAI.tokenExchange",
    { type: "GDCHServiceAccount" },
    /requires openAI.tokenExchange.gdch/,
  ),
  "TLS for plain HTTP": bad(remoteMcpServer, "spec.url", "http://tools", /contradicts a plaintext URL/),
  "an MCP server without URL": bad(remoteMcpServer, "spec.url", undefined, /Required value/),
  "a Secret's key with a space": bad(externalSecret, "spec.data.0.secretKey", "a key", /should match/),
  "an unknown creation policy": bad(
    externalSecret,
    "spec.target.creationPolicy",
    "Adopt",
    /supported values/,
  ),
  "two rewrites at once": bad(
    externalSecret,
    "spec.dataFrom.0.rewrite.0.transform",
    { template: "t" },
    /at most 1/,
  ),
  "an ExternalSecret with a typing error": bad(externalSecret, "spec.secretStore", {}, /unknown field/),
  "two providers": bad(secretStore, "spec.provider.fake", { data: [] }, /at most 1/),
  "a provider that does not exist": bad(store("x", { valut: {} }), "spec.controller", "c", /unknown field/),
  "a Vault without server": bad(
    secretStore,
    "spec.provider.vault.server",
    undefined,
    /server: Required value/,
  ),
};
