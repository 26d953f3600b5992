/**
 * API keys that External Secrets reads from Vault (External Secrets Operator 2.9). Each tenant signs in as a service account of
 * its own, with a Vault role of its own, so that Vault itself keeps the tenants' keys apart.
 */
import {
  API_KEY_SECRET_KEY,
  EXTERNAL_SECRETS_NAMESPACE,
  MANAGED_BY,
  type Model,
  vault as names,
  type Tenant,
  type Topology,
} from "../../topology/index";
import type { VaultSettings } from "../../topology/schema-secrets";
import { type Manifest, objectKey, type Planned } from "../plan/manifest";

const metadata = (name: string, namespace: string) => ({ name, namespace, labels: MANAGED_BY });
const READY = { "pulumi.com/waitFor": "condition=Ready" };

/** Serves its own namespace, and signs in with that namespace's role. */
function store(namespace: string, vault: VaultSettings): Manifest {
  return {
    apiVersion: names.ESO_API_VERSION,
    kind: "SecretStore",
    metadata: metadata(names.VAULT_STORE, namespace),
    spec: {
      provider: {
        vault: {
          server: vault.address,
          path: vault.kv.mount,
          version: vault.kv.version,
          ...(vault.namespace !== undefined && { namespace: vault.namespace }),
          ...(vault.caBundle !== undefined && { caBundle: vault.caBundle }),
          auth: {
            kubernetes: {
              mountPath: vault.auth.mount,
              role: names.vaultRole(vault, namespace),
              serviceAccountRef: {
                name: names.VAULT_SERVICE_ACCOUNT,
                audiences: [names.vaultAudience(vault, namespace)],
              },
            },
          },
        },
      },
    },
  };
}

/** The operator has no right to mint tokens but this one (`rbac.serviceAccountTokenCreate: false` in its chart). */
function tokenRights(namespace: string): Manifest[] {
  const apiGroup = "rbac.authorization.k8s.io";
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: metadata(names.VAULT_SERVICE_ACCOUNT, namespace),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "Role",
      metadata: metadata(names.VAULT_TOKEN_ROLE, namespace),
      rules: [
        {
          apiGroups: [""],
          resources: ["serviceaccounts/token"],
          resourceNames: [names.VAULT_SERVICE_ACCOUNT],
          verbs: ["create"],
        },
      ],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "RoleBinding",
      metadata: metadata(names.VAULT_TOKEN_ROLE, namespace),
      roleRef: { apiGroup, kind: "Role", name: names.VAULT_TOKEN_ROLE },
      subjects: [
        { kind: "ServiceAccount", name: names.ESO_SERVICE_ACCOUNT, namespace: EXTERNAL_SECRETS_NAMESPACE },
      ],
    },
  ];
}

export interface VaultSecret {
  /** The Secret to write, and the ExternalSecret's own name. */
  readonly name: string;
  /** Key in the Secret, and property in Vault. */
  readonly key: string;
  /** Path below the mount in Vault. */
  readonly path: string;
}

function externalSecret(namespace: string, { name, key, path }: VaultSecret, vault: VaultSettings): Manifest {
  return {
    apiVersion: names.ESO_API_VERSION,
    kind: "ExternalSecret",
    metadata: { ...metadata(name, namespace), ...(vault.await && { annotations: READY }) },
    spec: {
      refreshPolicy: "Periodic",
      refreshInterval: names.refreshInterval(vault),
      secretStoreRef: { kind: "SecretStore", name: names.VAULT_STORE },
      target: {
        name,
        creationPolicy: "Owner",
        // A key that disappears from Vault is revoked at its provider; agents do not lose the Secret before that.
        deletionPolicy: "Retain",
        template: { type: "Opaque", metadata: { labels: MANAGED_BY } },
      },
      data: [{ secretKey: key, remoteRef: { key: path, property: key } }],
    },
  };
}

/** Everything by which a namespace has Secrets from Vault: rights and store first. */
export function vaultSecrets(
  namespace: string,
  secrets: readonly VaultSecret[],
  vault: VaultSettings,
): Omit<Planned, "tenant">[] {
  const rights = tokenRights(namespace).map((manifest) => ({ layer: "secrets" as const, manifest }));
  const own = {
    layer: "secrets" as const,
    manifest: store(namespace, vault),
    after: rights.map(({ manifest }) => objectKey(manifest)),
  };
  return [
    ...rights,
    own,
    ...secrets.map((secret) => ({
      layer: "secrets" as const,
      manifest: externalSecret(namespace, secret, vault),
      after: [objectKey(own.manifest)],
    })),
  ];
}

const apiKey = (tenant: Tenant, model: Model, vault: VaultSettings): VaultSecret => ({
  name: model.apiKeySecret,
  key: API_KEY_SECRET_KEY,
  path: names.vaultKey(vault, tenant.name, model.name),
});

export function externalApiKeys({ tenants, secrets, vault }: Topology): Planned[] {
  if (secrets !== "vault" || vault === undefined) return [];
  return tenants.flatMap((tenant): Planned[] => {
    const keyed = tenant.models.filter(({ needsApiKey }) => needsApiKey);
    if (keyed.length === 0) return [];
    const wanted = keyed.map((model) => apiKey(tenant, model, vault));
    return vaultSecrets(tenant.name, wanted, vault).map((planned) => ({ ...planned, tenant: tenant.name }));
  });
}
