/** Configuration keys `pki` and `meshCa`: who signs the mesh's certificates. */
import { z } from "zod";
import { VAULT_PKI_AUDIENCE } from "./pki";
import { flag, integer, text } from "./schema-values";

export const pki = z
  .enum(["none", "selfSigned", "vault"])
  .optional()
  .describe(
    "Where the mesh's intermediate CA comes from: nowhere (istiod signs by itself, or the mesh has one already), a root of this cluster, or Vault. Default: `selfSigned` where the stack installs Istio, `none` where it does not.",
  );

const HOURS_PER_DAY = 24;
export const days = (count: number): string => `${count * HOURS_PER_DAY}h0m0s`;

export const meshCa = z
  .strictObject({
    organization: text(64)
      .default("kagent-a2a")
      .describe("Organization in the subject of root and intermediate."),
    rootDays: integer(365, 36500).default(3650).describe("Lifetime of the root, with `pki: selfSigned`."),
    intermediateDays: integer(30, 3650)
      .default(365)
      .describe("Lifetime of the intermediate, which cert-manager renews after two thirds of it."),
    await: flag().default(true).describe("Whether `up` waits until issuers and certificates are Ready."),
    vault: z
      .strictObject({
        path: z
          .string()
          .regex(/^[\w.-]+(\/[\w.-]+)*\/sign-intermediate$/, {
            error: "must be the path that signs intermediates, such as pki/root/sign-intermediate",
          })
          .default("pki/root/sign-intermediate")
          .describe("Path in Vault that signs the intermediate."),
        role: text().describe(
          `Vault role that may sign, of the Kubernetes auth method at \`vault.auth.mount\`, with audience \`${VAULT_PKI_AUDIENCE}\`.`,
        ),
      })
      .optional()
      .describe("For `pki: vault`. Address, namespace and certificates are those of `vault`."),
  })
  .prefault({})
  .describe("The mesh's certificate authority.");
