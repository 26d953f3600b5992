/**
 * kagent.dev/v1alpha2 Agent, and SandboxAgent, which has the same specification and a little more.
 * Source: kagent 0.10, go/api/config/crd/bases/kagent.dev_agents.yaml and kagent.dev_sandboxagents.yaml.
 */
import { conditionColumn, definition } from "./crd";
import { deployment, env, localReference, resources } from "./pod";
import {
  flag,
  integer,
  list,
  object,
  oneOf,
  type Rule,
  required,
  rules,
  type Schema,
  text,
  texts,
} from "./schema";
import { allowedNamespaces, headersFrom, status, typedReference, valueSource } from "./shared";

const mcpServer = object(
  {
    ...typedReference,
    namespace: text(),
    allowedHeaders: texts,
    requireApproval: list(text(), { maxItems: 50 }),
    toolNames: list(text(), { maxItems: 50 }),
  },
  {
    ...required("name"),
    ...rules([
      "each RequireApproval entry must also appear in ToolNames",
      "!has(self.requireApproval) || self.requireApproval.all(x, has(self.toolNames) && x in self.toolNames)",
    ]),
  },
);

const tool = object(
  {
    type: oneOf("McpServer", "Agent"),
    agent: object({ ...typedReference, namespace: text() }, required("name")),
    mcpServer,
    headersFrom,
    isolateSessions: flag(),
  },
  // `type` is not required, but these rules read it: without it the API server answers "no such key: type".
  rules(
    [
      "type.mcpServer must be nil if the type is not McpServer",
      "!(has(self.mcpServer) && self.type != 'McpServer')",
    ],
    [
      "type.mcpServer must be specified for McpServer filter.type",
      "!(!has(self.mcpServer) && self.type == 'McpServer')",
    ],
    ["type.agent must be nil if the type is not Agent", "!(has(self.agent) && self.type != 'Agent')"],
    ["type.agent must be specified for Agent filter.type", "!(!has(self.agent) && self.type == 'Agent')"],
    [
      "isolateSessions can only be set when type is Agent",
      "!(has(self.isolateSessions) && self.type != 'Agent')",
    ],
  ),
);

const skill = object(
  {
    id: text(),
    name: text({ minLength: 1 }),
    description: text(),
    examples: list(text(), { maxItems: 20 }),
    inputModes: texts,
    outputModes: texts,
    tags: list(text(), { maxItems: 20 }),
  },
  required("name"),
);

const context = object({
  compaction: object({
    compactionInterval: integer({ default: 5, minimum: 1 }),
    eventRetentionSize: integer(),
    overlapSize: integer({ default: 2, minimum: 0 }),
    summarizer: object({ modelConfig: text(), promptTemplate: text() }),
    tokenThreshold: integer(),
  }),
});

const declarative = object(
  {
    a2aConfig: object({ skills: list(skill, { minItems: 1 }) }),
    context,
    deployment: deployment({ imageRegistry: text() }),
    executeCodeBlocks: flag(),
    memory: object({ modelConfig: text(), ttlDays: integer({ minimum: 1 }) }, required("modelConfig")),
    modelConfig: text(),
    promptTemplate: object({
      dataSources: list(object({ ...typedReference, alias: text() }, required("name")), { maxItems: 20 }),
    }),
    runtime: { ...oneOf("python", "go"), default: "go" },
    shareTools: flag(),
    stream: flag(),
    systemMessage: text(),
    systemMessageFrom: valueSource,
    tools: list(tool, { maxItems: 20 }),
  },
  rules([
    "systemMessage and systemMessageFrom are mutually exclusive",
    "!has(self.systemMessage) || !has(self.systemMessageFrom)",
  ]),
);

const someOf = (items: Schema) => list(items, { minItems: 1, maxItems: 20 });

const skills = object({
  gitAuthSecretRef: localReference,
  gitRefs: someOf(
    object({ name: text(), path: text(), ref: text({ default: "main" }), url: text() }, required("url")),
  ),
  imagePullSecrets: list(localReference, { maxItems: 20 }),
  initContainer: object({ env, resources }),
  insecureSkipVerify: flag(),
  refs: someOf(text()),
  s3Refs: someOf(
    object(
      { name: text(), region: text(), uri: text({ minLength: 1, pattern: "^s3://.+" }) },
      required("uri"),
    ),
  ),
});

const specification = {
  allowedNamespaces,
  byo: object({
    deployment: deployment({
      args: texts,
      cmd: text(),
      image: text({ minLength: 1 }),
      workingDir: text(),
    }),
  }),
  declarative,
  description: text(),
  documentationUrl: text({ format: "uri" }),
  iconUrl: text({ format: "uri" }),
  provider: object(
    { organization: text({ minLength: 1 }), url: text({ format: "uri" }) },
    required("organization", "url"),
  ),
  sandbox: object({ network: object({ allowedDomains: texts }) }),
  skills,
  type: { ...oneOf("Declarative", "BYO"), default: "Declarative" },
  version: text(),
};

const typeRules: Rule[] = [
  { message: "type must be specified", rule: "has(self.type)" },
  {
    message: "type must be either Declarative or BYO",
    rule: "self.type == 'Declarative' || self.type == 'BYO'",
  },
  {
    message: "declarative must be specified if type is Declarative, or byo must be specified if type is BYO",
    rule: "(self.type == 'Declarative' && has(self.declarative)) || (self.type == 'BYO' && has(self.byo))",
  },
];

export const agent = definition({
  group: "kagent.dev",
  kind: "Agent",
  plural: "agents",
  categories: ["kagent"],
  versions: [
    {
      name: "v1alpha2",
      spec: object(specification, { "x-kubernetes-validations": typeRules }),
      status: status(),
      columns: [
        { name: "Type", jsonPath: ".spec.type" },
        { name: "Runtime", jsonPath: ".spec.declarative.runtime" },
        conditionColumn("Ready"),
        conditionColumn("Accepted"),
      ],
    },
    { name: "v1alpha1", columns: [conditionColumn("Ready"), conditionColumn("Accepted")] },
  ],
});

/** Where a sandbox of the substrate runs; shared by SandboxAgent and AgentHarness. */
export const substrate = {
  snapshotsConfig: object({ location: text({ pattern: "^gs://" }) }, required("location")),
  workerPoolRef: object(typedReference, required("name")),
};

export const sandboxAgent = definition({
  group: "kagent.dev",
  kind: "SandboxAgent",
  plural: "sandboxagents",
  versions: [
    {
      name: "v1alpha2",
      spec: object(
        { ...specification, substrate: object(substrate) },
        {
          "x-kubernetes-validations": [
            { message: "spec.skills is not supported for sandbox agents", rule: "!has(self.skills)" },
            ...typeRules,
          ],
        },
      ),
      status: status(),
      columns: [conditionColumn("Ready"), conditionColumn("Accepted")],
    },
  ],
});
