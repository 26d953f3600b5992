/** Objects of External Secrets that the real definitions accept. */
import type { CustomObject, Json } from "./objects";

export const externalSecret: CustomObject = {
  apiVersion: "external-secrets.io/v1",
  kind: "ExternalSecret",
  metadata: { name: "gpt-api-key" },
  spec: {
    refreshInterval: "5m",
    secretStoreRef: { kind: "SecretStore", name: "vault" },
    target: {
      name: "gpt-api-key",
      creationPolicy: "Owner",
      template: { type: "Opaque", data: { a: "{{ .b }}" } },
    },
    data: [{ secretKey: "API_KEY", remoteRef: { key: "kagent/gpt", property: "key" } }],
    dataFrom: [{ find: { name: { regexp: ".*" } }, rewrite: [{ regexp: { source: "a", target: "b" } }] }],
  },
};

export const secretStore: CustomObject = {
  apiVersion: "external-secrets.io/v1",
  kind: "SecretStore",
  metadata: { name: "vault" },
  spec: {
    refreshInterval: 30,
    provider: {
      vault: {
        server: "https://vault.example.com",
        path: "secret",
        auth: {
          kubernetes: {
            role: "kagent",
            serviceAccountRef: { name: "external-secrets", audiences: ["vault"] },
          },
        },
        caProvider: { type: "ConfigMap", name: "ca", key: "ca.crt" },
      },
    },
  },
};

export const store = (name: string, provider: { [field: string]: Json }): CustomObject => ({
  ...secretStore,
  metadata: { name },
  spec: { provider },
});
