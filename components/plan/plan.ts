/**
 * The whole plan: every release and object of a topology, each behind all that it needs. Pure; the engine, the renderer, the
 * policies and the tests all read this one list.
 */
import type { System, Topology } from "../../topology/index";
import { admission } from "../layers/admission";
import { identity } from "../layers/identity";
import { network } from "../layers/network";
import { token } from "../layers/token";
import { certManagerBudgets } from "../platform/cert-manager";
import { externalDatabaseSecret } from "../platform/database-secret";
import { webhookAuthority } from "../platform/external-secrets";
import { gatekeeperConfig } from "../platform/gatekeeper";
import { releases } from "../platform/index";
import { namespaceReader } from "../platform/kagent";
import { meshAuthority } from "../platform/mesh-authority";
import { platformNamespaces } from "../platform/namespaces";
import { releaseObject } from "../platform/release";
import { agents } from "../tenants/agents";
import { externalApiKeys } from "../tenants/external-secrets";
import { apiKeySecrets, modelConfigs } from "../tenants/models";
import { tenantNamespaces } from "../tenants/namespaces";
import { tenantRbac } from "../tenants/rbac";
import { type PlannedObject, withDependencies } from "./dependencies";
import type { Planned } from "./manifest";

export type { PlannedObject } from "./dependencies";

export function plan(topology: Topology): PlannedObject[] {
  const protection = [network(topology), identity(topology), token(topology)].flat();
  const forAll = protection.filter(({ tenant }) => tenant === undefined);
  const forTenants = protection.filter(({ tenant }) => tenant !== undefined);
  const all = releases(topology);
  const install = (system: System, ...charts: string[]): Planned[] =>
    all
      .filter(
        (release) => release.system === system && (charts.length === 0 || charts.includes(release.chart)),
      )
      .map(releaseObject);
  return withDependencies([
    ...platformNamespaces(topology),
    ...install("certManager"),
    ...certManagerBudgets(topology),
    // Before istiod starts, which reads its CA then.
    ...meshAuthority(topology),
    ...install("istio"),
    ...install("gatekeeper"),
    ...gatekeeperConfig(topology),
    ...webhookAuthority(topology),
    ...install("externalSecrets"),
    ...externalDatabaseSecret(topology),
    ...install("kagent", "kagent-crds"),
    ...namespaceReader(topology),
    ...forAll,
    ...install("gateway"),
    // In force before the namespaces it must admit: what stands now would refuse the labels of a new tenant.
    ...admission(topology),
    ...tenantNamespaces(topology),
    // Behind the tenants' namespaces: the chart makes Roles in them.
    ...install("kagent", "kagent"),
    ...tenantRbac(topology),
    ...apiKeySecrets(topology),
    ...externalApiKeys(topology),
    ...modelConfigs(topology),
    ...forTenants,
    ...agents(topology),
  ]);
}
