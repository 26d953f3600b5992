/** `userAuth` and `oidc`: what they must mean together. */
import { asList, asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { TOKEN_ISSUER } from "./token";

/** Members of a JSON Web Key that are private (RFC 7517, 7518, 8037). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

function keySetProblem(where: string, text: string): Problem[] {
  let keys: readonly unknown[];
  try {
    keys = asList(asMap(JSON.parse(text)).keys);
  } catch {
    keys = [];
  }
  if (keys.length === 0)
    return [
      {
        where,
        what: "is no JSON Web Key Set with a key.",
        fix: 'Write the text that the issuer publishes, such as {"keys": [...]}.',
      },
    ];
  if (!keys.some((key) => PRIVATE.some((member) => asMap(key)[member] !== undefined))) return [];
  return [
    {
      where,
      what: "holds a private or symmetric key: whoever reads it can be any user.",
      fix: "Replace that key at the issuer, and write its public keys only.",
    },
  ];
}

function keySourceProblems(path: string, source: Loose): Problem[] {
  const { jwks, jwksUri } = source;
  if (jwks === undefined && jwksUri === undefined)
    return [
      {
        where: path,
        what: "has neither jwks nor jwksUri: no token could be verified.",
        fix: "Write where the issuer publishes its keys, as in jwks_uri of its /.well-known/openid-configuration.",
      },
    ];
  if (jwks !== undefined && jwksUri !== undefined)
    return [
      { where: path, what: "has both jwks and jwksUri, of which one would be ignored.", fix: "Remove one." },
    ];
  return typeof jwks === "string" ? keySetProblem(`${path}.jwks`, jwks) : [];
}

export function userProblems(raw: Loose): Problem[] {
  if (raw.userAuth !== "oidc") return [];
  if (raw.oidc === undefined)
    return [
      {
        where: "oidc",
        what: "is missing, and userAuth is oidc.",
        fix: "Add oidc.issuer, oidc.audiences, oidc.jwksUri and oidc.serviceAccounts.",
      },
    ];
  const oidc = asMap(raw.oidc);
  const accounts = asMap(oidc.serviceAccounts);
  const problems = [
    ...keySourceProblems("oidc", oidc),
    ...(oidc.serviceAccounts === undefined ? [] : keySourceProblems("oidc.serviceAccounts", accounts)),
  ];
  for (const [where, issuer] of [
    ["oidc.issuer", oidc.issuer],
    ["oidc.serviceAccounts.issuer", accounts.issuer],
  ] as const)
    if (issuer === TOKEN_ISSUER)
      problems.push({ where, what: "is the issuer of delegation tokens.", fix: "Write the issuer's own." });
  if (oidc.issuer !== undefined && oidc.issuer === accounts.issuer)
    problems.push({
      where: "oidc.serviceAccounts.issuer",
      what: "is the same as oidc.issuer: every pod of the cluster would be a user.",
      fix: "Write the issuer of the cluster's service account tokens here and that of users there.",
    });
  return problems;
}
