import { z } from "zod";
import type { Loose } from "./loose";

export const environment = z
  .enum(["development", "production"])
  .default("production")
  .describe(
    "`production` demands what a shared cluster needs: users that are verified, secrets from Vault over https, a database of its own, and replicas. `development` has to be asked for.",
  );

/** Of a configuration that may be wrong: whoever does not ask for less gets production. */
export const isProduction = ({ environment }: Loose): boolean => environment !== "development";
