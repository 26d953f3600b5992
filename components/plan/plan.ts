/**
 * The whole plan: every object of a topology, each behind all that it needs. Pure; the engine, the renderer, the policies
 * and the tests all read this one list.
 */
import type { Topology } from "../../topology/index";
import { admission } from "../layers/admission";
import { identity } from "../layers/identity";
import { network } from "../layers/network";
import { token } from "../layers/token";
import { externalDatabaseSecret } from "../platform/database-secret";
import { meshAuthority } from "../platform/mesh-authority";
import { platformNamespaces } from "../platform/namespaces";
import { agents } from "../tenants/agents";
import { externalApiKeys } from "../tenants/external-secrets";
import { apiKeySecrets, modelConfigs } from "../tenants/models";
import { tenantNamespaces } from "../tenants/namespaces";
import { tenantRbac } from "../tenants/rbac";
import { namespaceKey, type ObjectKey, objectKey, type Planned } from "./manifest";

export interface PlannedObject extends Planned {
  readonly key: ObjectKey;
  /** Keys of all objects that must be there first; each stands earlier in the plan. */
  readonly dependsOn: readonly ObjectKey[];
}

export function plan(topology: Topology): PlannedObject[] {
  const protection = [network(topology), identity(topology), token(topology)].flat();
  const forAll = protection.filter(({ tenant }) => tenant === undefined);
  const forTenants = protection.filter(({ tenant }) => tenant !== undefined);
  return withDependencies([
    ...platformNamespaces(topology),
    ...meshAuthority(topology),
    ...externalDatabaseSecret(topology),
    ...forAll,
    // In force before the namespaces it must admit: what stands now would refuse the labels of a new tenant.
    ...admission(topology),
    ...tenantNamespaces(topology),
    ...tenantRbac(topology),
    ...apiKeySecrets(topology),
    ...externalApiKeys(topology),
    ...modelConfigs(topology),
    ...forTenants,
    ...agents(topology),
  ]);
}

function withDependencies(objects: readonly Planned[]): PlannedObject[] {
  const keyed = objects.map((planned) => ({ ...planned, key: objectKey(planned.manifest) }));
  const groundwork = keyed.filter(
    ({ tenant, manifest }) => tenant === undefined && manifest.kind !== "Namespace",
  );
  const ofTenant = groupBy(keyed, ({ tenant, agent }) => (agent === undefined ? tenant : undefined));
  const known = new Set(keyed.map(({ key }) => key));
  const ofAgent = groupBy(keyed, ({ agent, layer }) => (layer === "agents" ? undefined : agent));
  return keyed.map((planned) => {
    const { manifest, layer, tenant = "", agent = "", after = [] } = planned;
    const needs = new Set<ObjectKey>(after);
    const { namespace } = manifest.metadata;
    // Namespaces of systems that were there before the stack are not in the plan.
    if (namespace !== undefined && known.has(namespaceKey(namespace))) needs.add(namespaceKey(namespace));
    if (manifest.kind === "Namespace" && tenant !== "") for (const { key } of groundwork) needs.add(key);
    if (layer === "models")
      for (const { key, layer } of ofTenant.get(tenant) ?? []) if (layer === "secrets") needs.add(key);
    if (layer === "agents") {
      for (const { key } of ofTenant.get(tenant) ?? []) needs.add(key);
      for (const { key } of ofAgent.get(agent) ?? []) needs.add(key);
    }
    return { ...planned, dependsOn: [...needs] };
  });
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
