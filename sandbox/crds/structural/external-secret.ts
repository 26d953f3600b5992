/**
 * external-secrets.io/v1 ExternalSecret.
 * Source: External Secrets Operator 2.9.0, config/crds/bases/external-secrets.io_externalsecrets.yaml.
 */
import { type Column, definition } from "./crd";
import {
  atomic,
  flag,
  list,
  mapOf,
  object,
  oneOf,
  required,
  type Schema,
  text,
  textMap,
  texts,
} from "./schema";
import { dataKey, objectName } from "./secret-names";

const oneField: Schema = { minProperties: 1, maxProperties: 1 };

const storeRef = object({ kind: oneOf("SecretStore", "ClusterSecretStore"), name: objectName });

const generators = [
  "ACRAccessToken",
  "BeyondtrustWorkloadCredentialsDynamicSecret",
  "ClusterGenerator",
  "CloudsmithAccessToken",
  "ECRAuthorizationToken",
  "Fake",
  "GCRAccessToken",
  "GithubAccessToken",
  "GitlabDeployToken",
  "QuayAccessToken",
  "Password",
  "SSHKey",
  "STSSessionToken",
  "UUID",
  "VaultDynamicSecret",
  "Webhook",
  "Grafana",
  "MFA",
];

const sourceRef = object(
  {
    generatorRef: object(
      {
        apiVersion: text({ default: "generators.external-secrets.io/v1alpha1" }),
        kind: oneOf(...generators),
        name: objectName,
      },
      required("kind", "name"),
    ),
    storeRef,
  },
  oneField,
);

const reading = {
  conversionStrategy: oneOf("Default", "Unicode"),
  decodingStrategy: oneOf("Auto", "Base64", "Base64URL", "None"),
  nullBytePolicy: oneOf("Ignore", "Fail"),
};

const remoteRef = object(
  { ...reading, key: text(), metadataPolicy: oneOf("None", "Fetch"), property: text(), version: text() },
  required("key"),
);

const rewrite = object(
  {
    merge: object({
      conflictPolicy: { ...oneOf("Ignore", "Error"), default: "Error" },
      into: text({ default: "" }),
      priority: texts,
      priorityPolicy: { ...oneOf("IgnoreNotFound", "Strict"), default: "Strict" },
      strategy: { ...oneOf("Extract", "JSON"), default: "Extract" },
    }),
    regexp: object({ source: text(), target: text() }, required("source", "target")),
    transform: object({ template: text() }, required("template")),
  },
  oneField,
);

const templateSource = object(
  {
    items: list(
      object(
        { key: dataKey, templateAs: { ...oneOf("Values", "KeysAndValues"), default: "Values" } },
        required("key"),
      ),
    ),
    name: objectName,
  },
  required("items", "name"),
);

const template = object({
  data: textMap,
  engineVersion: { ...oneOf("v2"), default: "v2" },
  mergePolicy: { ...oneOf("Replace", "Merge"), default: "Replace" },
  metadata: object({ annotations: textMap, finalizers: texts, labels: textMap }),
  templateFrom: list(
    object({
      configMap: templateSource,
      literal: text(),
      secret: templateSource,
      target: text({ default: "Data" }),
      valuesDecodingStrategy: oneOf("Auto", "Base64", "Base64URL", "None"),
    }),
  ),
  type: text(),
});

const target = object(
  {
    creationPolicy: { ...oneOf("Owner", "Orphan", "Merge", "None", "CreateOrMerge"), default: "Owner" },
    deletionPolicy: { ...oneOf("Delete", "Merge", "Retain"), default: "Retain" },
    immutable: flag(),
    manifest: object(
      { apiVersion: text({ minLength: 1 }), kind: text({ minLength: 1 }) },
      required("apiVersion", "kind"),
    ),
    name: objectName,
    template,
  },
  { default: { creationPolicy: "Owner", deletionPolicy: "Retain" } },
);

const syncWindows = object(
  {
    kind: oneOf("allow", "deny"),
    windows: list(
      object(
        {
          duration: text(),
          schedule: text({
            minLength: 1,
            pattern:
              "^(@(annually|yearly|monthly|weekly|daily|midnight|hourly)|@every [^\\s]+.*|[^\\s]+( [^\\s]+){4})$",
          }),
        },
        required("duration", "schedule"),
      ),
      { minItems: 1 },
    ),
  },
  required("kind", "windows"),
);

const specification = object({
  data: list(object({ remoteRef, secretKey: dataKey, sourceRef }, required("remoteRef", "secretKey"))),
  dataFrom: list(
    object({
      extract: remoteRef,
      find: object({ ...reading, name: object({ regexp: text() }), path: text(), tags: mapOf(text()) }),
      rewrite: list(rewrite),
      sourceRef,
    }),
  ),
  refreshInterval: text({ default: "1h0m0s" }),
  refreshPolicy: oneOf("CreatedOnce", "Periodic", "OnChange"),
  secretStoreRef: storeRef,
  syncWindows,
  target,
});

const condition = object(
  {
    lastTransitionTime: text({ format: "date-time" }),
    message: text(),
    reason: text(),
    status: text(),
    type: oneOf("Ready", "Deleted"),
  },
  required("status", "type"),
);

const status = object({
  binding: object({ name: text({ default: "" }) }, atomic),
  conditions: list(condition),
  refreshTime: text({ format: "date-time", nullable: true }),
  syncedResourceVersion: text(),
});

const ready = `.status.conditions[?(@.type=="Ready")]`;
const columns: Column[] = [
  { name: "StoreType", jsonPath: ".spec.secretStoreRef.kind" },
  { name: "Store", jsonPath: ".spec.secretStoreRef.name" },
  { name: "Refresh Interval", jsonPath: ".spec.refreshInterval" },
  { name: "Status", jsonPath: `${ready}.reason` },
  { name: "Ready", jsonPath: `${ready}.status` },
  { name: "Last Sync", jsonPath: ".status.refreshTime", type: "date" },
];

export const externalSecret = definition({
  group: "external-secrets.io",
  kind: "ExternalSecret",
  plural: "externalsecrets",
  shortNames: ["es"],
  categories: ["external-secrets"],
  versions: [
    {
      name: "v1",
      spec: specification,
      status,
      columns,
      selectableFields: [
        ".spec.secretStoreRef.name",
        ".spec.secretStoreRef.kind",
        ".spec.target.name",
        ".spec.refreshInterval",
      ],
    },
  ],
});
