/**
 * external-secrets.io/v1 SecretStore.
 * Source: External Secrets Operator 2.9.0, config/crds/bases/external-secrets.io_secretstores.yaml.
 */
import { definition } from "./crd";
import { integer, list, object, required, text, texts } from "./schema";
import { namespaceName } from "./secret-names";
import { provider } from "./secret-providers";
import { labelSelector } from "./shared";

const specification = object(
  {
    conditions: list(
      object({
        namespaceRegexes: texts,
        namespaceSelector: labelSelector,
        namespaces: list(namespaceName),
      }),
    ),
    controller: text(),
    provider,
    refreshInterval: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
    retrySettings: object({ maxRetries: integer({ format: "int32" }), retryInterval: text() }),
  },
  required("provider"),
);

const status = object({
  capabilities: text(),
  conditions: list(
    object(
      {
        lastTransitionTime: text({ format: "date-time" }),
        message: text(),
        reason: text(),
        status: text(),
        type: text(),
      },
      required("status", "type"),
    ),
  ),
});

const ready = `.status.conditions[?(@.type=="Ready")]`;

export const secretStore = definition({
  group: "external-secrets.io",
  kind: "SecretStore",
  plural: "secretstores",
  shortNames: ["ss"],
  categories: ["external-secrets"],
  versions: [
    {
      name: "v1",
      spec: specification,
      status,
      columns: [
        { name: "AGE", jsonPath: ".metadata.creationTimestamp", type: "date" },
        { name: "Status", jsonPath: `${ready}.reason` },
        { name: "Capabilities", jsonPath: ".status.capabilities" },
        { name: "Ready", jsonPath: `${ready}.status` },
      ],
    },
  ],
});
