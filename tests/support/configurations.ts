/** Parts of a production configuration, to be merged into others. */
import type { Edit } from "./dev";

export const VAULT = {
  address: "https://vault.example.com:8200",
  auth: { role: "kagent-a2a-{tenant}", audience: "https://vault.example.com/{tenant}" },
};

export const withVault: Edit = (configuration) => {
  configuration.secrets = "vault";
  configuration.vault = structuredClone(VAULT);
};

/** One edit after the other. */
export const all =
  (...edits: readonly Edit[]): Edit =>
  (configuration) => {
    for (const edit of edits) edit(configuration);
  };

const publicKeys = JSON.stringify({
  keys: [{ kty: "OKP", crv: "Ed25519", kid: "1", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
});

export const ENTRY = {
  namespace: "ingress",
  labels: { app: "ingress" },
  serviceAccount: "ingress",
};

export const withUsers: Edit = (configuration) => {
  configuration.userAuth = "oidc";
  configuration.oidc = {
    issuer: "https://login.example.com/realms/platform",
    audiences: ["kagent"],
    jwksUri: "https://login.example.com/realms/platform/protocol/openid-connect/certs",
    serviceAccounts: { issuer: "https://kubernetes.default.svc.cluster.local", jwks: publicKeys },
  };
  configuration.cluster.entry = [ENTRY];
};

export const withMeshAuthority: Edit = (configuration) => {
  configuration.pki = "selfSigned";
};

/** Beside `withVault`. */
export const withVaultAuthority: Edit = (configuration) => {
  configuration.pki = "vault";
  configuration.meshCa = { vault: { role: "mesh-intermediate" } };
};

/** Its URL is in Vault. */
export const withExternalDatabase: Edit = (configuration) => {
  withVault(configuration);
  configuration.database = "external";
  configuration.externalDatabase = {
    host: "postgres.example.com",
    cidrs: ["10.20.0.0/28", "203.0.113.16/28"],
  };
};

/** All of them, in production. */
export const inProduction = all(
  withVault,
  withUsers,
  withMeshAuthority,
  withExternalDatabase,
  (configuration) => {
    configuration.environment = "production";
    configuration.platform = { ...configuration.platform, highAvailability: true, protect: true };
  },
);
