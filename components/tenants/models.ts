/** A ModelConfig and an API key Secret per tenant and model: kagent resolves both in the Agent's own namespace only. */
import { API_KEY_SECRET_KEY, kagent, MANAGED_BY, type Model, type Topology } from "../../topology/index";
import { EngineValue, type Planned } from "../plan/manifest";

/** The engine's name for an API key that stands in secret stack configuration. */
export function apiKeyValue(tenant: string, model: string): EngineValue {
  return new EngineValue(`apiKey/${tenant}/${model}`, true);
}

/** API keys from Pulumi secret configuration. */
export function apiKeySecrets({ tenants, secrets }: Topology): Planned[] {
  if (secrets !== "pulumi") return [];
  return tenants.flatMap(({ name: tenant, models }) =>
    models
      .filter(({ needsApiKey }) => needsApiKey)
      .map(
        (model): Planned => ({
          layer: "secrets",
          tenant,
          manifest: {
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: model.apiKeySecret, namespace: tenant, labels: MANAGED_BY },
            type: "Opaque",
            stringData: { [API_KEY_SECRET_KEY]: apiKeyValue(tenant, model.name) },
          },
        }),
      ),
  );
}

function modelConfigSpec({ settings, needsApiKey, apiKeySecret }: Model): Record<string, unknown> {
  const { provider, model, parameters } = settings;
  return {
    provider,
    model,
    ...(needsApiKey && { apiKeySecret: apiKeySecret, apiKeySecretKey: API_KEY_SECRET_KEY }),
    // An empty block would become null with the next change of the object: server-side apply drops empty maps when it looks for
    // fields to remove (measured, kube-apiserver 1.36).
    ...(Object.keys(parameters).length > 0 && { [kagent.MODEL_PROVIDERS[provider].block]: parameters }),
  };
}

export function modelConfigs({ tenants }: Topology): Planned[] {
  return tenants.flatMap(({ name: tenant, models }) =>
    models.map(
      (model): Planned => ({
        layer: "models",
        tenant,
        manifest: {
          apiVersion: kagent.KAGENT_API_VERSION,
          kind: "ModelConfig",
          metadata: { name: model.name, namespace: tenant, labels: MANAGED_BY },
          spec: modelConfigSpec(model),
        },
      }),
    ),
  );
}
