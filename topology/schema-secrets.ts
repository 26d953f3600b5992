/** Configuration keys `secrets` and `vault`: where API keys of models come from. */
import { z } from "zod";
import { API_KEY_WRITERS } from "./names";
import { flag, integer, text } from "./schema-values";

/** Stands for the tenant's name in `vault.auth.role` and `vault.auth.audience`. */
export const TENANT_PLACEHOLDER = "{tenant}";

/** Path of a mount or a prefix in Vault: no slash at an end, no empty part. */
const vaultPath = () =>
  z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/, {
    error: "must be a path such as secret or teams/kv, without a slash at its ends",
  });

const url = () =>
  z.string().regex(/^https?:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d{1,5})?$/, {
    error: "must be an address such as https://vault.example.com:8200, without a path",
  });

/** Base64 of at least one PEM certificate. */
const caBundle = () =>
  z
    .string()
    .refine((value) => Buffer.from(value, "base64").toString().includes("-----BEGIN CERTIFICATE-----"), {
      error: "must be the base64 of a PEM certificate",
    });

const kv = z
  .strictObject({
    mount: vaultPath().default("secret").describe("Mount of the key/value engine."),
    version: z.enum(["v1", "v2"]).default("v2").describe("Version of the key/value engine."),
    prefix: vaultPath()
      .default("kagent-a2a")
      .describe("Path below the mount: keys are read from `<prefix>/<tenant>/<model>`, property `apiKey`."),
  })
  .describe("Where the keys lie in Vault.");

const auth = z
  .strictObject({
    mount: vaultPath().default("kubernetes").describe("Mount of the Kubernetes auth method."),
    role: text().describe(
      `Vault role of each tenant; must contain \`${TENANT_PLACEHOLDER}\`, which stands for the tenant's name.`,
    ),
    audience: text().describe(
      `Audience of the service account token that the role demands (\`audience\`); may contain \`${TENANT_PLACEHOLDER}\`.`,
    ),
  })
  .describe("How External Secrets signs in, as each tenant's own service account.");

export const secrets = z
  .enum(API_KEY_WRITERS)
  .default("pulumi")
  .describe("Writer of the API key Secrets: this program, from `apiKeys`, or External Secrets, from Vault.");

export const vault = z
  .strictObject({
    address: url().describe("Address of Vault; https in production."),
    namespace: text().optional().describe("Namespace in Vault Enterprise."),
    caBundle: caBundle()
      .optional()
      .describe("Base64 of the PEM certificates that sign Vault's own. Default: the public authorities."),
    kv: kv.prefault({}),
    auth,
    refreshMinutes: integer(1, 1440)
      .default(60)
      .describe("Minutes after which External Secrets reads a key again: at most a day."),
    await: flag().default(true).describe("Whether `up` waits until every ExternalSecret is Ready."),
  })
  .optional()
  .describe("Vault, for `secrets: vault` and `pki: vault`.");

export type VaultSettings = NonNullable<z.output<typeof vault>>;
