import * as pulumi from "@pulumi/pulumi";
import { type Topology, tokenClaims } from "../../topology/index";
import { JWKS_VALUE, tokenValue } from "../layers/token";
import { EngineValue, type Manifest } from "../plan/manifest";
import { apiKeyValue } from "../tenants/models";
import type { SigningKeys } from "./signing-keys";

/** API keys by tenant and model, as secret stack configuration holds them. */
export type ApiKeys = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Every value that the plan leaves to the engine, by its name. */
export type EngineValues = ReadonlyMap<string, pulumi.Output<string>>;

export function engineValues(
  topology: Topology,
  keys: SigningKeys,
  apiKeys: pulumi.Output<ApiKeys>,
): EngineValues {
  const values = new Map<string, pulumi.Output<string>>([[JWKS_VALUE.name, keys.jwks]]);
  for (const { caller, callee } of topology.delegations) {
    const claims = tokenClaims(caller, callee, topology.rotation.current);
    values.set(tokenValue(caller, callee).name, pulumi.secret(keys.sign(claims)));
  }
  for (const { name: tenant, models } of topology.tenants) {
    for (const { name: model, needsApiKey } of models) {
      if (!needsApiKey) continue;
      const key = apiKeys.apply((all) => all[tenant]?.[model] ?? "");
      values.set(apiKeyValue(tenant, model).name, pulumi.secret(key));
    }
  }
  return values;
}

/** The manifest with each engine value in its place. */
export function fillIn(manifest: Manifest, values: EngineValues): pulumi.Inputs {
  const fill = (part: unknown): unknown => {
    if (part instanceof EngineValue) {
      const value = values.get(part.name);
      if (value === undefined) throw new Error(`the engine has no value ${part.name}`);
      return value;
    }
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, fill(value)]));
  };
  return fill(manifest) as pulumi.Inputs;
}
