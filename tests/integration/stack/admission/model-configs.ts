/** Changes of team-alpha's ModelConfig `gpt`. */
import type { AdmissionCase } from "./change";

const refused = "it names a Secret that holds none of this team's API keys";

export const MODEL_CONFIG_CASES: readonly AdmissionCase[] = [
  {
    title: "a delegation token as API key",
    change: { "spec.apiKeySecret": "orchestrator-a2a-tokens" },
    refused,
  },
  {
    title: "a Secret for its TLS",
    change: { "spec.tls": { caCertSecretRef: "ca", caCertSecretKey: "crt" } },
    refused,
  },
  {
    title: "its users' tokens as API key",
    change: {
      "spec.apiKeySecret": undefined,
      "spec.apiKeySecretKey": undefined,
      "spec.apiKeyPassthrough": true,
    },
    refused: "spec.apiKeyPassthrough would send its users' tokens to the model's provider",
  },
  { title: "nothing changed", change: {} },
  { title: "another model", change: { "spec.model": "gpt-4.1" } },
];
