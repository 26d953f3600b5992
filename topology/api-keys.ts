/**
 * API keys of models: secret stack configuration `kagent-a2a:apiKeys`, a map of tenants to a map of models to keys.
 * Only their presence is looked at here; no value ever enters the topology or a message.
 */
import { API_KEYS_KEY, encryptedProblem, PLAIN_API_KEY_FIX } from "./encrypted";
import { MODEL_PROVIDERS } from "./kagent";
import { asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

export interface ApiKeyCheck {
  /** Whether a key is there and not empty. */
  readonly has: (tenant: string, model: string) => boolean;
  /** Whether the configuration value is encrypted; undefined when there is none. */
  readonly encrypted: boolean | undefined;
  /** Other keys that are encrypted. */
  readonly alsoEncrypted?: readonly string[];
  /** Stack that runs, for the command that sets a key. */
  readonly stack?: string;
}

export const apiKeyCommand = (tenant: string, model: string, stack?: string): string =>
  `pulumi config set --secret --path 'kagent-a2a:${API_KEYS_KEY}.${tenant}.${model}'${stack === undefined ? "" : ` --stack ${stack}`}`;

export function apiKeyProblems(raw: Loose, check: ApiKeyCheck): Problem[] {
  const problems = (check.alsoEncrypted ?? []).map((key) => encryptedProblem([key]));
  if (check.encrypted === false)
    problems.push({
      where: API_KEYS_KEY,
      what: "holds API keys in plain text.",
      fix: PLAIN_API_KEY_FIX,
    });
  // External Secrets reads them from Vault; what may still stand in the configuration is not used.
  if (raw.secrets === "vault") return problems;
  const asked = new Set<string>();
  for (const [id, settings] of Object.entries(asMap(raw.agents))) {
    const [tenant = ""] = id.split("/");
    const { model } = asMap(settings);
    if (typeof model !== "string" || asked.has(`${tenant}/${model}`)) continue;
    asked.add(`${tenant}/${model}`);
    const definition = asMap(asMap(raw.models)[model]);
    const provider = MODEL_PROVIDERS[definition.provider as keyof typeof MODEL_PROVIDERS];
    const needed =
      definition.apiKey === undefined ? provider?.apiKey === true : String(definition.apiKey) === "true";
    if (!needed || check.has(tenant, model)) continue;
    problems.push({
      where: showPath([API_KEYS_KEY, tenant, model]),
      what: `team ${tenant} uses model ${model} and has no API key for it.`,
      fix: `Run: ${apiKeyCommand(tenant, model, check.stack)}`,
    });
  }
  return problems;
}
