import * as pulumi from "@pulumi/pulumi";
import { type Topology, tokenClaims } from "../../topology/index";
import { JWKS_VALUE, tokenValue } from "../layers/token";
import { type Manifest, replaceEngineValues } from "../plan/manifest";
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
  for (const { name: tenant, models } of topology.secrets === "pulumi" ? topology.tenants : []) {
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
  return replaceEngineValues(manifest, ({ name }) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the engine has no value ${name}`);
    return value;
  }) as pulumi.Inputs;
}
