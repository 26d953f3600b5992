/** The URL of kagent's external database, where it comes from Vault. */
import { kagent, vault as names, type Topology } from "../../topology/index";
import type { Planned } from "../plan/manifest";
import { vaultSecrets } from "../tenants/external-secrets";

export function externalDatabaseSecret({ secrets, vault, externalDatabase }: Topology): Planned[] {
  if (secrets !== "vault" || vault === undefined || externalDatabase === undefined) return [];
  const { secret: name, key } = externalDatabase;
  const path = names.vaultKey(vault, kagent.KAGENT_NAMESPACE, names.DATABASE_VAULT_NAME);
  return vaultSecrets(kagent.KAGENT_NAMESPACE, [{ name, key, path }], vault);
}
