/**
 * The ends of connections that a proof is about: every governed pod, every pod and address they have to do with, pods that
 * nobody declared inside the governed namespaces, rogue pods elsewhere that bear every governed pod's labels, and one address
 * of every class that the policies tell apart.
 */
import { type Agent, agentId, istio, kagent, type Topology } from "../../topology/index";
import { intervalOf, showAddress } from "./addresses";
import type { Endpoint } from "./network";
import type { Labels, Objects } from "./objects";
import { outsideAddresses } from "./reach";

export type Role =
  | "agent"
  | "gateway"
  | kagent.KagentComponent
  /** In a governed namespace, and declared by nobody. */
  | "undeclared pod"
  | "platform pod"
  /** In a namespace of its own. */
  | "rogue pod"
  | "address";

export interface End extends Endpoint {
  readonly role: Role;
  /** For people: `team-alpha/orchestrator`, `kagent/controller`, an address. */
  readonly name: string;
  /** Whether it stands in a governed namespace. */
  readonly isGoverned: boolean;
  readonly agent?: Agent;
}

/** A namespace that nobody governs, and that nobody can be asked to name so. */
export const ROGUE_NAMESPACE = "kagent-a2a-rogue";
const DEFAULT_POD_RANGE = "10.244.0.0/16";

type Unplaced = Omit<End, "address">;
const pod = (role: Role, name: string, namespace: string, labels: Labels, isGoverned: boolean): Unplaced => ({
  role,
  name,
  isGoverned,
  pod: { namespace, labels },
});

const COMPONENTS: readonly kagent.KagentComponent[] = ["controller", "ui", "database"];

function governedPods({ tenants, agents, routing }: Topology): Unplaced[] {
  const home = kagent.KAGENT_NAMESPACE;
  return [
    ...agents.map((agent) => ({
      ...pod("agent", agent.id, agent.tenant, kagent.agentPodLabels(agent.name), true),
      agent,
    })),
    ...(routing === "gateway"
      ? [
          pod(
            "gateway",
            agentId({ tenant: home, name: istio.GATEWAY_NAME }),
            home,
            istio.GATEWAY_LABELS,
            true,
          ),
        ]
      : []),
    ...COMPONENTS.map((name) => pod(name, `${home}/${name}`, home, kagent.kagentPodLabels(name), true)),
    pod("undeclared pod", `${home}/(undeclared)`, home, {}, true),
    pod("undeclared pod", `${home}/(half labelled)`, home, { "app.kubernetes.io/name": "kagent" }, true),
    ...tenants.flatMap(({ name }) => [
      pod("undeclared pod", `${name}/(undeclared)`, name, {}, true),
      pod("undeclared pod", `${name}/(half labelled)`, name, { app: "kagent" }, true),
    ]),
  ];
}

function platformPods({ cluster, tenants }: Topology): Unplaced[] {
  const models = new Map(tenants.flatMap(({ models }) => models.map((model) => [model.name, model])));
  const named: [string, string, Labels][] = [
    ["DNS", cluster.dns.namespace, cluster.dns.labels],
    ["istiod", istio.ISTIO_NAMESPACE, istio.ISTIOD_LABELS],
    ...cluster.entry.map(({ namespace, labels }): [string, string, Labels] => ["entry", namespace, labels]),
    ...[...models.values()].flatMap(({ name, settings }): [string, string, Labels][] => {
      const { pods } = settings.egress;
      return pods === undefined ? [] : [[`model ${name}`, pods.namespace, pods.labels]];
    }),
  ];
  return named.map(([name, namespace, labels]) => pod("platform pod", name, namespace, labels, false));
}

function rogues(governed: readonly Unplaced[], platform: readonly Unplaced[]): Unplaced[] {
  const worn = new Map(
    [...governed, ...platform].map((end) => [JSON.stringify(end.pod?.labels), end.pod?.labels ?? {}]),
  );
  return [...worn.values()].map((labels) =>
    pod("rogue pod", `rogue ${JSON.stringify(labels)}`, ROGUE_NAMESPACE, labels, false),
  );
}

/** CIDRs that the configuration itself names, so that no class of addresses joins what the graph tells apart. */
export function declaredCidrs({ cluster, tenants, externalDatabase }: Topology): string[] {
  return [
    ...cluster.apiServer.cidrs,
    ...cluster.nodeCIDRs,
    ...cluster.podCIDRs,
    ...cluster.serviceCIDRs,
    ...cluster.dns.cidrs,
    ...(externalDatabase?.cidrs ?? []),
    ...tenants.flatMap(({ models }) => models.flatMap(({ settings }) => settings.egress.cidrs)),
  ];
}

export function endsOf(topology: Topology, objects: Objects, besides: readonly string[]): End[] {
  const governed = governedPods(topology);
  const platform = platformPods(topology);
  const range = intervalOf(topology.cluster.podCIDRs[0] ?? DEFAULT_POD_RANGE);
  const size = range.last - range.first + 1n;
  const placed = [...governed, ...platform, ...rogues(governed, platform)].map((end, index) => ({
    ...end,
    address: showAddress(range.family, range.first + (BigInt(index + 1) % size)),
  }));
  const cidrs = [...declaredCidrs(topology), ...besides];
  const addresses = outsideAddresses(objects, cidrs).map(
    (address): End => ({ role: "address", name: address, address, isGoverned: false }),
  );
  return [...placed, ...addresses];
}
