/**
 * Names around Vault, each written once. Source: External Secrets Operator 2.9 (`external-secrets.io/v1`), Vault 1.21.
 */
import { TENANT_PLACEHOLDER, type VaultSettings } from "./schema-secrets";

export const ESO_API_VERSION = "external-secrets.io/v1";
/** Service account of External Secrets Operator, in its namespace. Its controller alone mints the stores' tokens. */
export const ESO_SERVICE_ACCOUNT = "external-secrets";

/** SecretStore of a namespace. */
export const VAULT_STORE = "vault";
/** Service account that a store signs in as. The dot keeps it apart from everything that is named after an agent. */
export const VAULT_SERVICE_ACCOUNT = "external-secrets.vault";
/** Role and RoleBinding by which External Secrets mints that account's token. */
export const VAULT_TOKEN_ROLE = "external-secrets.vault-token";

export const vaultRole = ({ auth }: VaultSettings, tenant: string): string =>
  auth.role.replaceAll(TENANT_PLACEHOLDER, tenant);
export const vaultAudience = ({ auth }: VaultSettings, tenant: string): string =>
  auth.audience.replaceAll(TENANT_PLACEHOLDER, tenant);
/** Last part of the path of kagent's database URL. */
export const DATABASE_VAULT_NAME = "database";
/** Path below the mount of one secret. */
export const vaultKey = ({ kv }: VaultSettings, tenant: string, name: string): string =>
  [kv.prefix, tenant, name].join("/");
/** `1h30m0s`: as Go writes a duration, so that the operator, which writes the object too, does not change it. */
export function refreshInterval({ refreshMinutes }: VaultSettings): string {
  const [hours, minutes] = [Math.floor(refreshMinutes / 60), refreshMinutes % 60];
  return `${hours > 0 ? `${hours}h` : ""}${minutes}m0s`;
}
