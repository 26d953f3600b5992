/** `secrets` and `vault`: what they must mean together. */
import { asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { isProduction } from "./schema-environment";
import { TENANT_PLACEHOLDER } from "./schema-secrets";

export function vaultProblems(raw: Loose): Problem[] {
  const users = (["secrets", "pki"] as const).filter((key) => raw[key] === "vault");
  if (raw.vault === undefined)
    return users.map((key) => ({
      where: "vault",
      what: `is missing, and ${key} is vault.`,
      fix: "Add vault.address, vault.auth.role and vault.auth.audience, or change that key.",
    }));
  const problems: Problem[] = [];
  const { address } = asMap(raw.vault);
  const { role } = asMap(asMap(raw.vault).auth);
  if (typeof role === "string" && role !== "" && !role.includes(TENANT_PLACEHOLDER))
    problems.push({
      where: "vault.auth.role",
      what: `does not contain ${TENANT_PLACEHOLDER}: every tenant would sign in to Vault as the same role and read the others' keys.`,
      fix: `Write for example kagent-a2a-${TENANT_PLACEHOLDER}, and give each tenant a role of its own in Vault.`,
    });
  if (typeof address === "string" && address.startsWith("http:") && isProduction(raw))
    problems.push({
      where: "vault.address",
      what: "is http: tokens and API keys would cross the network in plain text.",
      fix: "Write the https address of Vault, and vault.caBundle when its certificate is private.",
    });
  return problems;
}
