import { z } from "zod";

export const environment = z
  .enum(["development", "production"])
  .default("development")
  .describe(
    "`production` demands what a shared cluster needs: users that are verified, secrets from Vault over https, and a database of its own.",
  );
