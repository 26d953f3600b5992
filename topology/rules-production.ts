/** What `environment: production` demands, and what goes with each choice of database and certificate authority. */
import { asList, asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

const PRODUCTION = "environment is production";

function productionProblems(raw: Loose): Problem[] {
  if (raw.environment !== "production") return [];
  const problems: Problem[] = [];
  if (raw.userAuth !== "oidc")
    problems.push({
      where: "userAuth",
      what: `must be oidc, since ${PRODUCTION}: otherwise whoever reaches kagent is whatever user they say.`,
      fix: "Write userAuth: oidc, and the issuer below oidc.",
    });
  if (raw.secrets !== "vault")
    problems.push({
      where: "secrets",
      what: `must be vault, since ${PRODUCTION}: API keys would lie in the state of the stack, and change by a deployment only.`,
      fix: "Write secrets: vault, and the address, role and audience below vault.",
    });
  if (raw.database !== "external")
    problems.push({
      where: "database",
      what: `must be external, since ${PRODUCTION}: the bundled one has a password that everybody knows, one pod and no backup.`,
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
        what: `must be true, since ${PRODUCTION}: ${what}.`,
        fix: "Remove it; true is the default.",
      });
  return problems;
}

function databaseProblems(raw: Loose): Problem[] {
  if (raw.database !== "external") return [];
  if (raw.externalDatabase === undefined)
    return [
      {
        where: "externalDatabase",
        what: "is missing, and database is external.",
        fix: "Add externalDatabase.host and externalDatabase.cidrs.",
      },
    ];
  return asList(asMap(raw.externalDatabase).cidrs).flatMap((cidr, index) =>
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
  const istio = asMap(asMap(raw.platform).istio);
  if ((raw.pki === "selfSigned" || raw.pki === "vault") && String(istio.install) === "false")
    problems.push({
      where: "pki",
      what: "must be none, since platform.istio.install is false: a mesh that is there has its certificate authority already, and another one would cut its sidecars off.",
      fix: "Remove pki, or let the stack install Istio.",
    });
  const { rootDays = 3650, intermediateDays = 365 } = meshCa;
  if (raw.pki === "selfSigned" && Number(intermediateDays) >= Number(rootDays))
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
