/** What a stack tells other programs, people and checks about itself. Nothing secret. */
import { stringify } from "yaml";
import { version } from "../package.json";
import {
  type Agent,
  agentPrincipal,
  audience,
  controllerPrincipal,
  type Delegation,
  gatewayPrincipal,
  mermaid,
  serviceAccountName,
  subject,
  TOKEN_ISSUER,
  type Topology,
  tokenSecretName,
} from "../topology/index";
import { auditPolicy } from "./layers/audit";
import type { Layer, ObjectKey } from "./plan/manifest";
import type { PlannedObject } from "./plan/plan";

export interface DelegationOutput {
  readonly caller: string;
  readonly callee: string;
  readonly token: { readonly issuer: string; readonly subject: string; readonly audience: string };
  /** Objects that let this delegation pass or stop others, by layer. */
  readonly enforcedBy: Partial<Record<Layer | "reconciler", readonly ObjectKey[]>>;
}

export interface StackOutputs {
  /** Of the program that deployed it. */
  readonly version: string;
  readonly routing: string;
  readonly tenants: Readonly<Record<string, { namespace: string; agents: string[]; exposed: string[] }>>;
  readonly delegations: Readonly<Record<string, DelegationOutput>>;
  /** SPIFFE principals as AuthorizationPolicies name them. */
  readonly principals: Readonly<Record<string, string>>;
  /** Text of the audit policy for kube-apiserver. */
  readonly auditPolicy: string;
  /** The graph, as a Mermaid flowchart. */
  readonly graph: string;
}

/** What only the engine knows. */
export interface EngineOutputs<Text> {
  /** JSON Web Key Set that tokens are checked with: public keys. */
  readonly tokenKeys: Text;
}
export const TOKEN_KEYS = "tokenKeys" satisfies keyof EngineOutputs<unknown>;

export function stackOutputs(topology: Topology, objects: readonly PlannedObject[]): StackOutputs {
  const { tenants, delegations, routing, cluster, agents } = topology;
  const index = new Enforcers(objects);
  const byId = [...agents].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    version,
    routing,
    tenants: Object.fromEntries(
      tenants.map(({ name, agents }) => [
        name,
        {
          namespace: name,
          agents: agents.map((agent) => agent.name),
          exposed: agents.filter(({ settings }) => settings.exposed).map((agent) => agent.name),
        },
      ]),
    ),
    delegations: Object.fromEntries(
      delegations.map((delegation) => [delegation.id, delegationOutput(delegation, index)]),
    ),
    principals: Object.fromEntries([
      ...byId.map((agent) => [agent.id, agentPrincipal(agent, cluster.trustDomain)]),
      ["kagent-controller", controllerPrincipal(cluster.trustDomain)],
      ...(routing === "gateway" ? [["a2a-gateway", gatewayPrincipal(cluster.trustDomain)]] : []),
    ]),
    auditPolicy: stringify(auditPolicy(topology), { compat: "yaml-1.1" }),
    graph: mermaid(topology),
  };
}

/** Objects that enforce, looked up by what they serve. */
class Enforcers {
  readonly #byScope = new Map<string, PlannedObject[]>();

  constructor(objects: readonly PlannedObject[]) {
    for (const object of objects) {
      const scope = object.agent ?? object.tenant ?? "";
      this.#byScope.set(scope, [...(this.#byScope.get(scope) ?? []), object]);
    }
  }

  of(layer: Layer, scopes: readonly string[]): ObjectKey[] {
    return scopes.flatMap((scope) =>
      (this.#byScope.get(scope) ?? []).filter((object) => object.layer === layer).map(({ key }) => key),
    );
  }
}

function delegationOutput({ caller, callee }: Delegation, index: Enforcers): DelegationOutput {
  const both = [...new Set([caller.id, callee.id, caller.tenant, callee.tenant])];
  return {
    caller: caller.id,
    callee: callee.id,
    token: { issuer: TOKEN_ISSUER, subject: subject(caller), audience: audience(callee) },
    enforcedBy: {
      admission: index.of("admission", [""]),
      reconciler: index.of("agents", [callee.id]),
      network: index.of("network", both),
      identity: index.of("identity", ["", callee.tenant, callee.id]),
      token: tokenObjects(caller, callee, index),
      rbac: [`v1/ServiceAccount/${caller.tenant}/${serviceAccountName(caller.name)}`],
    },
  };
}

function tokenObjects(caller: Agent, callee: Agent, index: Enforcers): ObjectKey[] {
  return [
    `v1/Secret/${caller.tenant}/${tokenSecretName(caller.name)}`,
    ...index.of("token", ["", callee.id]).filter((key) => !key.startsWith("v1/Secret/")),
  ];
}
