/** Configuration keys `userAuth` and `oidc`: who users are. */
import { z } from "zod";
import { text } from "./schema-values";

const isUrl = (value: string): boolean => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
const jwksUri = () =>
  z
    .string()
    .refine((value) => isUrl(value) && value.startsWith("https:"), { error: "must be an https address" })
    .optional();

/** A JSON Web Key Set; what it may hold is checked in `rules-users.ts`. */
const jwks = () => text(65536).optional();

/** The very text of the claim `iss`: any character more or less is another issuer. */
const issuer = () =>
  z
    .string()
    .refine((value) => isUrl(value), { error: "must be an address, as in the claim iss of its tokens" });

const serviceAccounts = z
  .strictObject({
    issuer: issuer().describe(
      "Claim `iss` of the cluster's service account tokens (`kubectl get --raw /.well-known/openid-configuration`).",
    ),
    jwks: jwks().describe("Its public keys (`kubectl get --raw /openid/v1/jwks`)."),
    jwksUri: jwksUri().describe("Or where they are published, where that is public as on EKS, GKE and AKS."),
  })
  .describe(
    "Agents send such a token to the controller in the same header (kagent-adk 0.10.4); a proxy that knows users' issuer alone would refuse it.",
  );

export const userAuth = z
  .enum(["none", "oidc"])
  .default("none")
  .describe("Whether the mesh demands a JWT of users in front of kagent's controller and UI.");

export const oidc = z
  .strictObject({
    issuer: issuer().describe("Claim `iss` of the users' tokens, to the letter."),
    audiences: z
      .array(text())
      .min(1)
      .max(20)
      .describe("Values of the claim `aud` that are meant for kagent."),
    jwks: jwks().describe("Public keys of the issuer, as JSON Web Key Set."),
    jwksUri: jwksUri().describe("Or where istiod fetches them, so that the issuer can rotate them."),
    claims: z
      .record(
        z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/, { error: "is no name of a claim" }),
        z.array(text()).min(1).max(100),
      )
      .default({})
      .describe(
        "Claims that a token must have besides, each with one of these values, e.g. `groups: [kagent-users]`.",
      ),
    userIdClaim: text(128).default("sub").describe("Claim that kagent takes as the user's identity."),
    serviceAccounts,
  })
  .optional()
  .describe("The issuer of users' tokens, for `userAuth: oidc`.");
