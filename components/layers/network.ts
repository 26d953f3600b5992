/**
 * Network layer: default deny both ways in every governed namespace, then exactly the flows of the graph, by pod and port.
 * Policies are one per agent or per tenant, never one per delegation: removing a delegation is then an update, which the
 * engine makes before it changes the Agents, and not a deletion, which it makes at the end.
 */
import {
  type Agent,
  agentPolicyName,
  istio,
  kagent,
  MANAGED_BY,
  type Tenant,
  type Topology,
} from "../../topology/index";
import type { Manifest, Planned } from "../plan/manifest";
import { databaseEgress, databaseServiceEntry } from "./network-database";
import { modelEgress, modelServiceEntry } from "./network-models";
import { cidrs, type Flow, namespacePods, type Peer, tcp } from "./network-peers";

function policy(
  name: string,
  namespace: string,
  podSelector: Record<string, unknown>,
  flows: { ingress?: readonly Flow[]; egress?: readonly Flow[] },
): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace, labels: MANAGED_BY },
    spec: {
      podSelector,
      policyTypes: ["Ingress", "Egress"],
      ...(flows.ingress && {
        ingress: flows.ingress.map(({ peers, ports }) => ({ from: peers, ports })),
      }),
      ...(flows.egress && { egress: flows.egress.map(({ peers, ports }) => ({ to: peers, ports })) }),
    },
  };
}

const agentPeer = ({ tenant, name }: Agent): Peer => namespacePods(tenant, kagent.agentPodLabels(name));
const kagentPeer = (component: kagent.KagentComponent): Peer =>
  namespacePods(kagent.KAGENT_NAMESPACE, kagent.kagentPodLabels(component));
const GATEWAY_PEER = namespacePods(istio.GATEWAY_NAMESPACE, istio.GATEWAY_LABELS);

const flow = (peers: readonly Peer[], ...ports: number[]): Flow[] =>
  peers.length === 0 ? [] : [{ peers, ports: ports.map(tcp) }];

/** What every pod of a governed namespace needs: names, its sidecar's control plane, and the kubelet's probes. */
function everyPod(namespace: string, { cluster }: Topology): Manifest[] {
  const { dns } = cluster;
  const resolvers: Peer[] = [namespacePods(dns.namespace, dns.labels), ...cidrs(dns.cidrs)];
  return [
    policy("default-deny", namespace, {}, {}),
    policy(
      "every-pod",
      namespace,
      {},
      {
        ingress: flow(cidrs(cluster.nodeCIDRs), ...istio.PROBE_PORTS),
        egress: [
          { peers: resolvers, ports: [{ protocol: "UDP", port: 53 }, tcp(53)] },
          {
            peers: [namespacePods(istio.ISTIO_NAMESPACE, istio.ISTIOD_LABELS)],
            ports: [tcp(istio.ISTIOD_PORT)],
          },
        ],
      },
    ),
  ];
}

function agentPolicy(agent: Agent, topology: Topology): Manifest {
  const viaGateway = topology.routing === "gateway";
  const delegators = viaGateway && agent.callers.length > 0 ? [GATEWAY_PEER] : agent.callers.map(agentPeer);
  const callees = viaGateway
    ? flow(agent.callees.length > 0 ? [GATEWAY_PEER] : [], istio.GATEWAY_PORT)
    : flow(agent.callees.map(agentPeer), kagent.AGENT_PORT);
  return policy(
    agentPolicyName(agent.name),
    agent.tenant,
    { matchLabels: kagent.agentPodLabels(agent.name) },
    {
      ingress: flow(
        [...delegators, ...(agent.settings.exposed ? [kagentPeer("controller")] : [])],
        kagent.AGENT_PORT,
      ),
      egress: [
        ...flow([kagentPeer("controller")], kagent.CONTROLLER_PORT),
        ...modelEgress(agent.model, topology),
        ...callees,
      ],
    },
  );
}

/** One peer for several agents of one tenant: by the label that the Deployment's selector holds fast. */
function agentsOf(tenant: string, agents: readonly Agent[]): Peer[] {
  if (agents.length === 0) return [];
  return [
    {
      ...namespacePods(tenant, { app: "kagent" }),
      podSelector: {
        matchLabels: { app: "kagent" },
        matchExpressions: [{ key: "kagent", operator: "In", values: agents.map(({ name }) => name) }],
      },
    },
  ];
}

/** What the controller and the gateway have to do with one tenant. */
function kagentSideOf(tenant: Tenant, { routing }: Topology): Manifest[] {
  const { name, agents } = tenant;
  const manifests = [
    policy(
      `${kagent.CONTROLLER_SERVICE_ACCOUNT}.${name}`,
      kagent.KAGENT_NAMESPACE,
      { matchLabels: kagent.kagentPodLabels("controller") },
      {
        ingress: flow(agentsOf(name, agents), kagent.CONTROLLER_PORT),
        egress: flow(
          agentsOf(
            name,
            agents.filter(({ settings }) => settings.exposed),
          ),
          kagent.AGENT_PORT,
        ),
      },
    ),
  ];
  if (routing === "gateway")
    manifests.push(
      policy(
        `${istio.GATEWAY_NAME}.${name}`,
        istio.GATEWAY_NAMESPACE,
        { matchLabels: istio.GATEWAY_LABELS },
        {
          ingress: flow(
            agentsOf(
              name,
              agents.filter(({ callees }) => callees.length > 0),
            ),
            istio.GATEWAY_PORT,
          ),
          egress: flow(
            agentsOf(
              name,
              agents.filter(({ callers }) => callers.length > 0),
            ),
            kagent.AGENT_PORT,
          ),
        },
      ),
    );
  return manifests;
}

/** What kagent's own pods need whatever the tenants are. */
function kagentItself({ cluster, externalDatabase }: Topology): Manifest[] {
  const entry = cluster.entry.map(({ namespace, labels }) => namespacePods(namespace, labels));
  const component = (name: kagent.KagentComponent, ingress: Flow[], egress: Flow[]): Manifest =>
    policy(
      name === "controller" ? kagent.CONTROLLER_SERVICE_ACCOUNT : `kagent-${name}`,
      kagent.KAGENT_NAMESPACE,
      { matchLabels: kagent.kagentPodLabels(name) },
      { ingress, egress },
    );
  return [
    component("controller", flow([kagentPeer("ui"), ...entry], kagent.CONTROLLER_PORT), [
      { peers: cidrs(cluster.apiServer.cidrs), ports: [tcp(cluster.apiServer.port)] },
      ...(externalDatabase === undefined
        ? flow([kagentPeer("database")], kagent.DATABASE_PORT)
        : databaseEgress(externalDatabase)),
    ]),
    component("ui", flow(entry, kagent.UI_PORT), flow([kagentPeer("controller")], kagent.CONTROLLER_PORT)),
    ...(externalDatabase === undefined
      ? [component("database", flow([kagentPeer("controller")], kagent.DATABASE_PORT), [])]
      : [databaseServiceEntry(externalDatabase)]),
  ];
}

export function network(topology: Topology): Planned[] {
  const inLayer = (manifest: Manifest, rest: Partial<Planned> = {}): Planned => ({
    layer: "network",
    manifest,
    ...rest,
  });
  return [
    ...everyPod(kagent.KAGENT_NAMESPACE, topology).map((manifest) => inLayer(manifest)),
    ...kagentItself(topology).map((manifest) => inLayer(manifest)),
    ...topology.tenants.flatMap((tenant) => [
      ...kagentSideOf(tenant, topology).map((manifest) => inLayer(manifest, { tenant: tenant.name })),
      ...everyPod(tenant.name, topology).map((manifest) => inLayer(manifest, { tenant: tenant.name })),
      ...tenant.models.flatMap((model) =>
        modelServiceEntry(model, tenant.name).map((manifest) => inLayer(manifest, { tenant: tenant.name })),
      ),
      ...tenant.agents.map((agent) =>
        inLayer(agentPolicy(agent, topology), { tenant: tenant.name, agent: agent.id }),
      ),
    ]),
  ];
}
