/** Configuration keys `database` and `externalDatabase`. */
import { z } from "zod";
import { cidr, port, text } from "./schema-values";

export const database = z
  .enum(["bundled", "external"])
  .default("bundled")
  .describe(
    "kagent's Postgres: the chart's own, whose password is the literal `kagent`, or one that stands elsewhere, with its URL in Vault (`secrets: vault`).",
  );

export const externalDatabase = z
  .strictObject({
    host: z
      .string()
      .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/, { error: "is not a host name" })
      .describe("Host name, as in the URL: a ServiceEntry lets the mesh pass it under REGISTRY_ONLY."),
    cidrs: z
      .array(cidr())
      .min(1)
      .describe("Its addresses: the only ones that the controller may reach besides."),
    port: port().default(5432).describe("Its TCP port."),
    secret: text(253)
      .default("kagent-database")
      .describe(
        "Secret in namespace `kagent` with the URL, which External Secrets reads from Vault at `<prefix>/kagent/database`.",
      ),
    key: text(253).default("url").describe("Key of the URL in that Secret, and its property in Vault."),
  })
  .optional()
  .describe("The database, for `database: external`.");
