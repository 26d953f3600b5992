/** The graph as admission knows it. */
import { type Agent, kagent, type Tenant, type Topology } from "../../../topology/index";
import type { Parameters } from "./policy";

type Table = Record<string, readonly string[]>;
const table = (rows: readonly (readonly [string, readonly string[]])[]): Table => Object.fromEntries(rows);
const foreign = (agent: Agent, others: readonly Agent[]) =>
  [...new Set(others.map(({ tenant }) => tenant))].filter((name) => name !== agent.tenant);

/** Which delegation labels a tenant's namespace carries. */
export function roles({ isConsumer, isProvider }: Tenant): string[] {
  return [...(isConsumer ? [kagent.CONSUMER_LABEL] : []), ...(isProvider ? [kagent.PROVIDER_LABEL] : [])];
}

export function agentParameters({ tenants }: Topology): Parameters {
  const agents = tenants.flatMap((tenant) => tenant.agents);
  return {
    /** Tenants and their labels. */
    tenants: table(tenants.map((tenant) => [tenant.name, roles(tenant)])),
    /** Declared agents and the Secrets given to them besides their own. */
    agents: table(agents.map(({ id, settings }) => [id, settings.secrets])),
    /** Callers and their callees. */
    delegations: table(agents.map(({ id, callees }) => [id, callees.map((callee) => callee.id)])),
    /** Callees and the other namespaces they are called from. */
    callers: table(agents.map((agent) => [agent.id, foreign(agent, agent.callers)])),
  };
}

export function modelParameters({ tenants }: Topology): Parameters {
  return {
    /** Tenants and the Secrets that their model configurations may name. */
    apiKeys: table(
      tenants.map(({ name, models }) => [
        name,
        models.filter(({ needsApiKey }) => needsApiKey).map(({ apiKeySecret }) => apiKeySecret),
      ]),
    ),
  };
}

export function namespaceParameters({ tenants, cluster }: Topology): Parameters {
  return {
    /** Governed namespaces and the delegation labels they may carry. */
    governed: table([
      [kagent.KAGENT_NAMESPACE, []],
      ...tenants.map((tenant) => [tenant.name, roles(tenant)] as const),
    ]),
    /** Governed namespaces and the version of Pod Security that they enforce. */
    podSecurity: table(
      [kagent.KAGENT_NAMESPACE, ...tenants.map(({ name }) => name)].map((name) => [
        name,
        [cluster.podSecurityVersion],
      ]),
    ),
  };
}
