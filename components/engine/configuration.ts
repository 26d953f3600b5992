import * as pulumi from "@pulumi/pulumi";
import {
  API_KEYS_KEY,
  type ApiKeyCheck,
  CONFIGURATION_PREFIX,
  ConfigurationError,
  rawConfiguration,
  readTopology,
  type Topology,
} from "../../topology/index";
import { asMap } from "../../topology/loose";
import type { ApiKeys } from "./values";

export interface StackConfiguration {
  readonly topology: Topology;
  /** Secret. */
  readonly apiKeys: pulumi.Output<ApiKeys>;
}

/** The SDK knows it and its own `Config` uses it, but leaves it out of its declarations (@pulumi/pulumi 3.270). */
const isEncrypted = (key: string): boolean =>
  (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(
    `${CONFIGURATION_PREFIX}${key}`,
  );

/**
 * Reads the running stack's configuration.
 * @throws pulumi.RunError with every problem, before anything is registered. The engine shows its message and no stack trace.
 */
export function stackConfiguration(): StackConfiguration {
  const raw = rawConfiguration(pulumi.runtime.allConfig());
  const keys = raw[API_KEYS_KEY];
  const check: ApiKeyCheck = {
    has: (tenant, model) => {
      const key = asMap(asMap(keys)[tenant])[model];
      return (typeof key === "string" && key.trim() !== "") || typeof key === "number";
    },
    encrypted: keys === undefined ? undefined : isEncrypted(API_KEYS_KEY),
    alsoEncrypted: Object.keys(raw).filter((key) => key !== API_KEYS_KEY && isEncrypted(key)),
    stack: pulumi.getStack(),
  };
  try {
    return { topology: readTopology(raw, check), apiKeys: pulumi.secret(asMap(keys) as ApiKeys) };
  } catch (error) {
    throw error instanceof ConfigurationError ? new pulumi.RunError(error.message) : error;
  }
}
