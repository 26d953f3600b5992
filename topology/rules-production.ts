/** What `environment: production` demands, and what goes with each choice of database and certificate authority. */
import { asList, asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { replicaProblems } from "./rules-replicas";
import { isProduction } from "./schema-environment";
import { showPath } from "./shape";

/** Why, also for whoever wrote nothing. */
const production = ({ environment }: Loose): string =>
  environment === undefined
    ? "environment is production unless it is written otherwise (environment: development)"
    : "environment is production";

function productionProblems(raw: Loose): Problem[] {
  if (!isProduction(raw)) return [];
  const problems: Problem[] = [];
  if (raw.userAuth !== "oidc")
    problems.push({
      where: "userAuth",
      what: `must be oidc, since ${production(raw)}: otherwise whoever reaches kagent is whatever user they say.`,
      fix: "Write userAuth: oidc, and the issuer below oidc.",
    });
  if (raw.secrets !== "vault")
    problems.push({
      where: "secrets",
      what: `must be vault, since ${production(raw)}: API keys would lie in the state of the stack, and change by a deployment only.`,
      fix: "Write secrets: vault, and the address, role and audience below vault.",
    });
  if (raw.database !== "external")
    problems.push({
      where: "database",
      what: `must be external, since ${production(raw)}: the bundled one has a password that everybody knows, one pod and no backup.`,
      fix: "Write database: external, and where it stands below externalDatabase.",
    });
  const platform = asMap(raw.platform);
  for (const [key, what] of [
    ["highAvailability", "one node that is drained would stop admission, the mesh and every agent"],
    ["protect", "a destroy by mistake would delete every Agent and the mesh's root certificate authority"],
  ] as const)
    if (String(platform[key]) === "false")
      problems.push({
        where: `platform.${key}`,
        what: `must be true, since ${production(raw)}: ${what}.`,
        fix: "Remove it; true is the default.",
      });
  return [...problems, ...replicaProblems(platform)];
}

function databaseProblems(raw: Loose): Problem[] {
  if (raw.database !== "external") return [];
  const problems: Problem[] = [];
  if (raw.secrets !== "vault" && !isProduction(raw))
    problems.push({
      where: "secrets",
      what: "must be vault, since database is external: nothing else could put its URL into kagent's namespace before kagent starts.",
      fix: "Write secrets: vault, and put the URL there as docs/operations.md says, or take the bundled database.",
    });
  if (raw.externalDatabase === undefined)
    problems.push({
      where: "externalDatabase",
      what: "is missing, and database is external.",
      fix: "Add externalDatabase.host and externalDatabase.cidrs.",
    });
  const open = asList(asMap(raw.externalDatabase).cidrs).flatMap((cidr, index) =>
    typeof cidr === "string" && cidr.endsWith("/0")
      ? [
          {
            where: showPath(["externalDatabase", "cidrs", index]),
            what: "is every address there is.",
            fix: "Write the addresses of the database, as narrow as they are known.",
          },
        ]
      : [],
  );
  return [...problems, ...open];
}

function pkiProblems(raw: Loose): Problem[] {
  const meshCa = asMap(raw.meshCa);
  const problems: Problem[] = [];
  if (raw.pki === "vault" && meshCa.vault === undefined)
    problems.push({
      where: "meshCa.vault",
      what: "is missing, and pki is vault.",
      fix: "Add meshCa.vault.role, the Vault role that may sign the intermediate.",
    });
  const isInstalled = String(asMap(asMap(raw.platform).istio).install) !== "false";
  if ((raw.pki === "selfSigned" || raw.pki === "vault") && !isInstalled)
    problems.push({
      where: "pki",
      what: "must be none, since platform.istio.install is false: a mesh that is there has its certificate authority already, and another one would cut its sidecars off.",
      fix: "Remove pki, or let the stack install Istio.",
    });
  if (raw.pki === "none" && isInstalled && isProduction(raw))
    problems.push({
      where: "pki",
      what: `must be selfSigned or vault, since ${production(raw)}: istiod would make a root that nobody can renew, back up or revoke.`,
      fix: "Remove it to get selfSigned. On a mesh that runs already, docs/operations.md says what the switch takes.",
    });
  const { rootDays = 3650, intermediateDays = 365 } = meshCa;
  const isSelfSigned = raw.pki === "selfSigned" || (raw.pki === undefined && isInstalled);
  if (isSelfSigned && Number(intermediateDays) >= Number(rootDays))
    problems.push({
      where: "meshCa.intermediateDays",
      what: "is not less than meshCa.rootDays: the root would end before what it signed.",
      fix: "Shorten the intermediate's lifetime, or lengthen the root's.",
    });
  return problems;
}

export function environmentProblems(raw: Loose): Problem[] {
  return [...productionProblems(raw), ...databaseProblems(raw), ...pkiProblems(raw)];
}
