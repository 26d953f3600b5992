/** The validated delegation graph: the one source that every layer is derived from. */
import { calleesFirst } from "./chains";
import { MODEL_PROVIDERS } from "./kagent";
import { type AgentRef, type ApiKeyWriter, agentId, apiKeySecretName } from "./names";
import type {
  AdmissionEngine,
  AgentSettings,
  ClusterSettings,
  Configuration,
  Environment,
  ExternalDatabaseSettings,
  KagentSettings,
  MeshCaSettings,
  ModelSettings,
  OidcSettings,
  Pki,
  PlatformSettings,
  Rotation,
  Routing,
  TenantSettings,
} from "./schema";
import type { VaultSettings } from "./schema-secrets";

export interface Model {
  readonly name: string;
  readonly settings: ModelSettings;
  /** Whether each team that uses the model has an API key for it. */
  readonly needsApiKey: boolean;
  /** Name of the Secret that holds it, in each team's namespace. */
  readonly apiKeySecret: string;
}

export interface Agent extends AgentRef {
  /** `<tenant>/<agent>`. */
  readonly id: string;
  readonly settings: AgentSettings;
  readonly model: Model;
  /** Agents it may delegate to, sorted by id. */
  readonly callees: readonly Agent[];
  /** Agents that may delegate to it, sorted by id. */
  readonly callers: readonly Agent[];
}

export interface Tenant {
  /** Also the name of its namespace. */
  readonly name: string;
  readonly settings: TenantSettings;
  /** Sorted by name. */
  readonly agents: readonly Agent[];
  /** Models that its agents use, sorted by name. */
  readonly models: readonly Model[];
  /** Has an agent that delegates to another tenant. */
  readonly isConsumer: boolean;
  /** Has an agent that another tenant delegates to. */
  readonly isProvider: boolean;
}

export interface Delegation {
  /** `<tenant>/<agent> -> <tenant>/<agent>`. */
  readonly id: string;
  readonly caller: Agent;
  readonly callee: Agent;
}

export interface Topology {
  /** Sorted by name. */
  readonly tenants: readonly Tenant[];
  /** In an order in which callees stand before their callers. */
  readonly agents: readonly Agent[];
  /** Sorted by id. */
  readonly delegations: readonly Delegation[];
  readonly routing: Routing;
  readonly admission: AdmissionEngine;
  /** Writer of the API key Secrets. */
  readonly secrets: ApiKeyWriter;
  readonly vault: VaultSettings | undefined;
  readonly environment: Environment;
  /** Who users are, where the mesh verifies it; undefined with `userAuth: none`. */
  readonly oidc: OidcSettings | undefined;
  readonly pki: Pki;
  readonly meshCa: MeshCaSettings;
  /** Where kagent's database stands, unless it is the chart's own. */
  readonly externalDatabase: ExternalDatabaseSettings | undefined;
  readonly cluster: ClusterSettings;
  readonly rotation: Rotation;
  readonly kagent: KagentSettings;
  readonly platform: PlatformSettings;
}

/** Where the cluster itself is, sorted. */
export function clusterRanges(cluster: ClusterSettings): string[] {
  const { podCIDRs, serviceCIDRs, nodeCIDRs, apiServer } = cluster;
  return [...new Set([...podCIDRs, ...serviceCIDRs, ...nodeCIDRs, ...apiServer.cidrs])].sort();
}

export function crossesTenants({ caller, callee }: { caller: AgentRef; callee: AgentRef }): boolean {
  return caller.tenant !== callee.tenant;
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
const sortedEntries = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(byKey);

/** Builds the graph of a configuration that has been checked. Same configuration in any order of keys, same graph. */
export function buildTopology(configuration: Configuration): Topology {
  const models = new Map(
    sortedEntries(configuration.models).map(([name, settings]) => [
      name,
      {
        name,
        settings,
        needsApiKey: settings.apiKey ?? MODEL_PROVIDERS[settings.provider].apiKey,
        apiKeySecret: apiKeySecretName(name, configuration.secrets),
      },
    ]),
  );
  type Growing = Agent & { callees: Agent[]; callers: Agent[] };
  const agents = new Map<string, Growing>();
  for (const [id, settings] of sortedEntries(configuration.agents)) {
    const [tenant = "", name = ""] = id.split("/");
    const model = expectPresent(models.get(settings.model), `model ${settings.model}`);
    agents.set(id, { id, tenant, name, settings, model, callees: [], callers: [] });
  }
  const delegations = configuration.delegations
    .map(({ from, to }) => {
      const caller = expectPresent(agents.get(from), `agent ${from}`);
      const callee = expectPresent(agents.get(to), `agent ${to}`);
      return { id: `${agentId(caller)} -> ${agentId(callee)}`, caller, callee };
    })
    .sort((a, b) => byKey([a.id, a], [b.id, b]));
  for (const { caller, callee } of delegations) {
    caller.callees.push(callee);
    callee.callers.push(caller);
  }
  const order = calleesFirst(
    agents.keys(),
    new Map([...agents.values()].map((agent) => [agent.id, agent.callees.map((callee) => callee.id)])),
  );
  return {
    tenants: tenantsOf(configuration, [...agents.values()]),
    agents: expectPresent(order, "order without a cycle").map((id) => expectPresent(agents.get(id), id)),
    delegations,
    routing: configuration.routing,
    admission: configuration.admission,
    secrets: configuration.secrets,
    vault: configuration.vault,
    environment: configuration.environment,
    oidc: configuration.userAuth === "oidc" ? configuration.oidc : undefined,
    pki: configuration.pki ?? (configuration.platform.istio.install ? "selfSigned" : "none"),
    meshCa: configuration.meshCa,
    externalDatabase: configuration.database === "external" ? configuration.externalDatabase : undefined,
    cluster: configuration.cluster,
    rotation: configuration.rotation,
    kagent: configuration.kagent,
    platform: configuration.platform,
  };
}

function tenantsOf(configuration: Configuration, agents: readonly Agent[]): Tenant[] {
  const byTenant = new Map<string, Agent[]>();
  for (const agent of agents) {
    const members = byTenant.get(agent.tenant);
    if (members === undefined) byTenant.set(agent.tenant, [agent]);
    else members.push(agent);
  }
  return sortedEntries(configuration.tenants).map(([name, settings]) => {
    const members = byTenant.get(name) ?? [];
    const models = new Map(members.map(({ model }) => [model.name, model]));
    return {
      name,
      settings,
      agents: members,
      models: [...models].sort(byKey).map(([, model]) => model),
      isConsumer: members.some(({ callees }) => callees.some((callee) => callee.tenant !== name)),
      isProvider: members.some(({ callers }) => callers.some((caller) => caller.tenant !== name)),
    };
  });
}

function expectPresent<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a checked configuration has no ${what}`);
  return value;
}
