/**
 * kagent.dev/v1alpha2 ModelConfig.
 * Source: kagent 0.10, go/api/config/crd/bases/kagent.dev_modelconfigs.yaml.
 */
import { definition } from "./crd";
import { keyReference } from "./pod";
import {
  flag,
  integer,
  object,
  oneOf,
  open,
  required,
  rules,
  type Schema,
  text,
  textMap,
  texts,
} from "./schema";
import { status, tls } from "./shared";

/** Field of each provider's own settings; in this order the API server lists the providers. */
const settingsOf: Record<string, string> = {
  Anthropic: "anthropic",
  OpenAI: "openAI",
  AzureOpenAI: "azureOpenAI",
  Ollama: "ollama",
  Gemini: "gemini",
  GeminiVertexAI: "geminiVertexAI",
  AnthropicVertexAI: "anthropicVertexAI",
  Bedrock: "bedrock",
  SAPAICore: "sapAICore",
  Foundry: "foundry",
};

const atLeast1 = integer({ minimum: 1 });

const openAI = object(
  {
    apiFormat: { ...oneOf("chatCompletions", "responses"), default: "chatCompletions" },
    baseUrl: text(),
    frequencyPenalty: text(),
    maxCompletionTokens: atLeast1,
    maxTokens: atLeast1,
    n: integer(),
    organization: text(),
    presencePenalty: text(),
    reasoningEffort: oneOf("none", "minimal", "low", "medium", "high", "xhigh"),
    seed: integer(),
    temperature: text(),
    timeout: integer(),
    tokenExchange: object(
      {
        gdchServiceAccount: object({ audience: text() }, required("audience")),
        type: oneOf("GDCHServiceAccount"),
      },
      required("type"),
    ),
    topP: text(),
  },
  rules([
    "maxTokens and maxCompletionTokens are mutually exclusive",
    "!(has(self.maxTokens) && has(self.maxCompletionTokens))",
  ]),
);

const bedrock = object(
  {
    additionalModelRequestFields: { "x-kubernetes-preserve-unknown-fields": true },
    cacheTTL: { ...oneOf("5m", "1h"), default: "5m" },
    connectTimeout: atLeast1,
    guardrail: object(
      {
        identifier: text({ minLength: 1, maxLength: 2048 }),
        trace: { ...oneOf("disabled", "enabled", "enabled_full"), default: "disabled" },
        version: text({ minLength: 1, maxLength: 8 }),
      },
      required("identifier", "version"),
    ),
    promptCaching: flag({ default: false }),
    readTimeout: atLeast1,
    region: text(),
  },
  required("region"),
);

const foundry = object(
  {
    apiVersion: text({ default: "2024-10-21" }),
    deployment: text(),
    endpoint: text(),
    endpointFrom: keyReference,
  },
  {
    ...required("deployment"),
    ...rules(
      [
        "foundry.endpoint and foundry.endpointFrom are mutually exclusive",
        "!(has(self.endpoint) && size(self.endpoint) > 0 && has(self.endpointFrom))",
      ],
      [
        "foundry.endpoint or foundry.endpointFrom is required",
        "(has(self.endpoint) && size(self.endpoint) > 0) || has(self.endpointFrom)",
      ],
    ),
  },
);

const vertex = {
  location: text(),
  projectID: text(),
  stopSequences: texts,
  temperature: text(),
  topK: text(),
  topP: text(),
};
const sampling = { maxTokens: integer(), temperature: text(), topP: text() };

const settings: Record<string, Schema> = {
  openAI,
  anthropic: object({ ...sampling, baseUrl: text(), topK: integer() }),
  azureOpenAI: object(
    {
      ...sampling,
      apiVersion: text(),
      azureAdToken: text(),
      azureDeployment: text(),
      azureEndpoint: text(),
    },
    required("apiVersion", "azureEndpoint"),
  ),
  ollama: object({ host: text(), options: textMap }),
  gemini: object({ maxOutputTokens: atLeast1 }),
  geminiVertexAI: object(
    { ...vertex, candidateCount: integer(), maxOutputTokens: atLeast1, responseMimeType: text() },
    required("location", "projectID"),
  ),
  anthropicVertexAI: object({ ...vertex, maxTokens: integer() }, required("location", "projectID")),
  bedrock,
  sapAICore: object(
    { authUrl: text(), baseUrl: text(), resourceGroup: text({ default: "default" }) },
    required("baseUrl"),
  ),
  foundry,
};

const exchange = "has(self.openAI) && has(self.openAI.tokenExchange)";

const specification = object(
  {
    ...settings,
    apiKeyPassthrough: flag(),
    apiKeySecret: text(),
    apiKeySecretKey: text(),
    defaultHeaders: textMap,
    model: text(),
    provider: { ...oneOf(...Object.keys(settingsOf)), default: "OpenAI" },
    tls,
  },
  {
    ...required("model"),
    ...rules(
      ...Object.entries(settingsOf).map(([provider, field]): [string, string] => [
        `provider.${field} must be nil if the provider is not ${provider}`,
        `!(has(self.${field}) && self.provider != '${provider}')`,
      ]),
      [
        "apiKeySecret must be set if apiKeySecretKey is set",
        "!(has(self.apiKeySecretKey) && !has(self.apiKeySecret))",
      ],
      [
        "apiKeySecretKey must be set if apiKeySecret is set (except for Bedrock and SAPAICore providers)",
        "!(has(self.apiKeySecret) && !has(self.apiKeySecretKey) && self.provider != 'Bedrock' && self.provider != 'SAPAICore')",
      ],
      [
        "apiKeyPassthrough and apiKeySecret are mutually exclusive",
        "!(has(self.apiKeyPassthrough) && self.apiKeyPassthrough && has(self.apiKeySecret) && size(self.apiKeySecret) > 0)",
      ],
      [
        "apiKeyPassthrough must be false if provider is Gemini;GeminiVertexAI;AnthropicVertexAI",
        "!(has(self.apiKeyPassthrough) && self.apiKeyPassthrough && (self.provider == 'Gemini' || self.provider == 'GeminiVertexAI' || self.provider == 'AnthropicVertexAI'))",
      ],
      [
        "openAI.tokenExchange requires apiKeySecret (the service account secret)",
        `!(${exchange} && (!has(self.apiKeySecret) || size(self.apiKeySecret) == 0))`,
      ],
      [
        "openAI.tokenExchange and apiKeyPassthrough are mutually exclusive",
        `!(${exchange} && has(self.apiKeyPassthrough) && self.apiKeyPassthrough)`,
      ],
      [
        "openAI.tokenExchange type GDCHServiceAccount requires openAI.tokenExchange.gdchServiceAccount",
        `!(${exchange} && self.openAI.tokenExchange.type == 'GDCHServiceAccount' && !has(self.openAI.tokenExchange.gdchServiceAccount))`,
      ],
    ),
  },
);

const columns = [
  { name: "Provider", jsonPath: ".spec.provider" },
  { name: "Model", jsonPath: ".spec.model" },
];

export const modelConfig = definition({
  group: "kagent.dev",
  kind: "ModelConfig",
  plural: "modelconfigs",
  shortNames: ["mc"],
  categories: ["kagent"],
  versions: [
    { name: "v1alpha2", spec: specification, status: status({ secretHash: text() }), columns },
    { name: "v1alpha1", spec: open({ model: text() }, required("model")), columns },
  ],
});
