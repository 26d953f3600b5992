/**
 * Who is in the lab, derived from the graph: the agents, the gateway, kagent's own places, strangers of three kinds, and
 * what lies outside of the mesh. Addresses and names of the outside are chosen so that the configuration's ranges hold.
 */
import { isIPv4 } from "node:net";
import {
  type Agent,
  agentId,
  istio,
  kagent,
  type Labels,
  type Model,
  serviceAccountName,
  type Topology,
} from "../topology/index";

export type Mesh = "sidecar" | "router" | "none";

export interface Actor {
  /** `<namespace>/<pod>`; in tables and reports. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly mesh: Mesh;
  /** Given for what is no pod of the cluster, and for what a range of the configuration must contain. */
  readonly address?: string;
  /** Ports on which it answers. */
  readonly http: readonly number[];
  readonly tls: readonly number[];
  /** Outside of the cluster: no Pod object. */
  readonly isOutside: boolean;
  /** What runs in it, where it is no application. */
  readonly part?: "dns" | "istiod";
  /** The Service in front of it. */
  readonly service?: { readonly name: string; readonly ports: readonly ServicePort[] };
  /** Names that DNS gives for it besides its Service's. */
  readonly hosts: readonly string[];
}
export interface ServicePort {
  readonly name: string;
  readonly port: number;
}

export const OUTSIDE_MESH = "lab-plain";
export const INSIDE_MESH = "lab-mesh";
export const INSIDER = "insider";
export const ELSEWHERE = "elsewhere.example.net";
const ELSEWHERE_ADDRESS = "203.0.113.99";

const pod = (namespace: string, name: string, rest: Partial<Actor>): Actor => ({
  id: `${namespace}/${name}`,
  name,
  namespace,
  labels: {},
  serviceAccount: "default",
  mesh: "none",
  http: [],
  tls: [],
  isOutside: false,
  hosts: [],
  ...rest,
});

export const agentActorId = agentId;
export const GATEWAY_ID = `${istio.GATEWAY_NAMESPACE}/${istio.GATEWAY_NAME}`;
export const kagentId = (component: kagent.KagentComponent): string =>
  `${kagent.KAGENT_NAMESPACE}/kagent-${component}`;
export const modelId = ({ name }: Model): string => `outside/model-${name}`;
export const API_SERVER_ID = "outside/api-server";
export const ELSEWHERE_ID = "outside/elsewhere";
export const DATABASE_ID = "outside/database";

/**
 * The Service and pod that kagent 0.10 makes of an Agent, but for `appProtocol: kgateway.dev/a2a`: Istio would sniff the
 * protocol then, with a filter of its own in the caller that stock Envoy lacks. The port's name says HTTP all the same.
 */
function agentActor({ tenant, name }: Agent): Actor {
  const port = { name: "http", port: kagent.AGENT_PORT };
  return pod(tenant, name, {
    labels: kagent.runningAgentLabels(name),
    serviceAccount: serviceAccountName(name),
    mesh: "sidecar",
    http: [kagent.AGENT_PORT],
    service: { name, ports: [port] },
  });
}

function kagentActors(): Actor[] {
  const component = (
    name: kagent.KagentComponent,
    account: string,
    ports: ServicePort[],
    more: number[] = [],
  ) =>
    pod(kagent.KAGENT_NAMESPACE, `kagent-${name}`, {
      labels: kagent.kagentPodLabels(name),
      serviceAccount: account,
      mesh: "sidecar",
      http: [...ports.map(({ port }) => port), ...more],
      service: { name: name === "database" ? "kagent-postgresql" : `kagent-${name}`, ports },
    });
  return [
    component(
      "controller",
      kagent.CONTROLLER_SERVICE_ACCOUNT,
      [{ name: "http-controller", port: kagent.CONTROLLER_PORT }],
      [8082, 6060],
    ),
    component("ui", kagent.UI_SERVICE_ACCOUNT, [{ name: "http", port: kagent.UI_PORT }]),
    component("database", "default", [{ name: "http-postgres", port: kagent.DATABASE_PORT }]),
  ];
}

const GATEWAY = pod(istio.GATEWAY_NAMESPACE, istio.GATEWAY_NAME, {
  labels: istio.GATEWAY_LABELS,
  serviceAccount: istio.GATEWAY_NAME,
  mesh: "router",
  service: { name: istio.GATEWAY_NAME, ports: [{ name: "tcp-a2a", port: istio.GATEWAY_PORT }] },
});

/** In the mesh but nobody's agent; beside a tenant's agents; outside of the mesh. */
function strangers({ tenants }: Topology): Actor[] {
  return [
    pod(OUTSIDE_MESH, "stranger", {}),
    pod(INSIDE_MESH, "stranger", { mesh: "sidecar" }),
    ...tenants.map(({ name }) => pod(name, INSIDER, { labels: { app: INSIDER }, mesh: "sidecar" })),
  ];
}

/** What brings users in. Nobody has signed in: whether a user's token is taken is shown at a real Envoy, in the tests. */
function entryActors({ cluster: { entry } }: Topology): Actor[] {
  return entry.map(({ namespace, labels, serviceAccount }, index) =>
    pod(namespace, `entry-${index}`, { labels, serviceAccount, mesh: "sidecar" }),
  );
}

/** What every pod of a governed namespace needs. */
function systemActors({ cluster: { dns } }: Topology): Actor[] {
  return [
    pod(dns.namespace, "dns", { labels: dns.labels, part: "dns", http: [53] }),
    pod(istio.ISTIO_NAMESPACE, "istiod", {
      labels: istio.ISTIOD_LABELS,
      part: "istiod",
      http: [istio.ISTIOD_PORT, 15010],
    }),
  ];
}

/** An address of a range: one of its own for each `last`, as far as the range is wide enough. */
function addressIn(cidrs: readonly string[], last: number): string | undefined {
  const base = cidrs.map((cidr) => cidr.split("/")).find(([address = ""]) => isIPv4(address));
  if (base === undefined) return undefined;
  const [address = "", prefix = "32"] = base;
  const size = 2 ** Math.min(8, 32 - Number(prefix));
  return address.replace(/\d+$/, (byte) => String(Number(byte) + (last % size)));
}

function modelActors({ agents }: Topology): Actor[] {
  const models = [...new Map(agents.map(({ model }) => [model.name, model])).values()];
  return models.flatMap((model, index): Actor[] => {
    const { pods, cidrs, hosts, port } = model.settings.egress;
    if (pods !== undefined)
      return [
        {
          ...pod(pods.namespace, `model-${model.name}`, { labels: pods.labels, http: [port] }),
          id: modelId(model),
          service: { name: `model-${model.name}`, ports: [{ name: "http", port }] },
        },
      ];
    const address = cidrs.length > 0 ? addressIn(cidrs, 10 + index) : `203.0.113.${10 + index}`;
    if (address === undefined) return [];
    return [
      {
        ...pod("outside", `model-${model.name}`, { address, tls: [port, port + 1], isOutside: true }),
        hosts: hosts.map((host) => host.replace("*", "any")),
      },
    ];
  });
}

function outside({ cluster, externalDatabase }: Topology): Actor[] {
  const apiServer = addressIn(cluster.apiServer.cidrs, 5);
  const database = addressIn(externalDatabase?.cidrs ?? [], 6);
  return [
    pod("outside", "elsewhere", {
      address: ELSEWHERE_ADDRESS,
      tls: [443],
      http: [80],
      isOutside: true,
      hosts: [ELSEWHERE],
    }),
    ...(apiServer === undefined
      ? []
      : [
          pod("outside", "api-server", {
            address: apiServer,
            tls: [cluster.apiServer.port],
            isOutside: true,
          }),
        ]),
    ...(externalDatabase === undefined || database === undefined
      ? []
      : [
          pod("outside", "database", {
            address: database,
            tls: [externalDatabase.port],
            isOutside: true,
            hosts: [externalDatabase.host],
          }),
        ]),
  ];
}

export function cast(topology: Topology): Actor[] {
  return [
    ...topology.agents.map(agentActor),
    ...(topology.routing === "gateway" ? [GATEWAY] : []),
    ...kagentActors(),
    ...strangers(topology),
    ...entryActors(topology),
    ...systemActors(topology),
    ...modelActors(topology),
    ...outside(topology),
  ];
}

/** Under which names an actor is found, besides its address. */
export function hostsOf(actor: Actor, clusterDomain: string): string[] {
  const { service, namespace, hosts } = actor;
  if (service === undefined) return [...hosts];
  const short = `${service.name}.${namespace}`;
  return [...hosts, short, `${short}.svc`, `${short}.svc.${clusterDomain}`];
}
