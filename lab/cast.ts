/**
 * Who is in the lab, derived from the graph: the agents, the gateway, kagent's own places, strangers of several kinds, and
 * what lies outside of the mesh. Addresses and names of the outside are chosen so that the configuration's ranges hold.
 */
import { type Agent, istio, kagent, serviceAccountName, type Topology } from "../topology/index";
import { type Actor, isGoverned, pod, type ServicePort } from "./actor";
import { outside } from "./outside";

export const OUTSIDE_MESH = "lab-plain";
export const INSIDE_MESH = "lab-mesh";
export const INSIDER = "insider";

export const GATEWAY_ID = `${istio.GATEWAY_NAMESPACE}/${istio.GATEWAY_NAME}`;
export const kagentId = (component: kagent.KagentComponent): string =>
  `${kagent.KAGENT_NAMESPACE}/kagent-${component}`;
/** In the mesh, and governed by nothing: whoever has a sidecar that works gets its answer. */
export const CONTROL_ID = `${INSIDE_MESH}/control`;

const AGENT_SERVICE_PORT: ServicePort = { name: "http", port: kagent.AGENT_PORT };

/**
 * The Service and pod that kagent 0.10 makes of an Agent, but for `appProtocol: kgateway.dev/a2a`: Istio would sniff the
 * protocol then, with a filter of its own in the caller that stock Envoy lacks. The port's name says HTTP all the same.
 */
function agentActor({ tenant, name }: Agent): Actor {
  return pod(tenant, name, {
    labels: kagent.runningAgentLabels(name),
    serviceAccount: serviceAccountName(name),
    mesh: "sidecar",
    http: [kagent.AGENT_PORT],
    service: { name, ports: [AGENT_SERVICE_PORT] },
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

/** Nobody's agent: in the mesh, outside of it, and beside what each governed namespace has. */
function strangers({ tenants }: Topology): Actor[] {
  const serving = (name: string) => ({
    mesh: "sidecar" as const,
    http: [kagent.AGENT_PORT],
    service: { name, ports: [AGENT_SERVICE_PORT] },
  });
  return [
    pod(OUTSIDE_MESH, "stranger", {}),
    pod(INSIDE_MESH, "stranger", { mesh: "sidecar" }),
    pod(INSIDE_MESH, "control", serving("control")),
    ...[kagent.KAGENT_NAMESPACE, ...tenants.map(({ name }) => name)].map((namespace) =>
      pod(namespace, INSIDER, { labels: { app: INSIDER }, ...serving(INSIDER) }),
    ),
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

const portsOf = (actors: readonly Actor[]): number[] => [...new Set(actors.flatMap(({ http }) => http))];

/**
 * Pods of another namespace that wear the labels of everybody whom a policy could name, and serve what these serve. Each wears
 * as many at once as fit on one pod: what counts is that somebody wears them.
 */
function impostors(actors: readonly Actor[]): Actor[] {
  const worn: { labels: Record<string, string>; of: Actor[] }[] = [];
  for (const actor of actors.filter(({ isOutside }) => !isOutside)) {
    const wanted = Object.entries(actor.labels);
    if (wanted.length === 0 || actor.labels.app === INSIDER) continue;
    const fits = worn.find(({ labels }) => wanted.every(([key, value]) => (labels[key] ?? value) === value));
    if (fits === undefined) worn.push({ labels: { ...actor.labels }, of: [actor] });
    else {
      Object.assign(fits.labels, actor.labels);
      fits.of.push(actor);
    }
  }
  return worn.map(({ labels, of }, index) =>
    pod(OUTSIDE_MESH, `impostor-${index}`, { labels, http: portsOf(of), isBesides: true }),
  );
}

/** Pods without labels beside those that policies name in namespaces that nobody governs, on the same ports. */
function bystanders(actors: readonly Actor[], topology: Topology): Actor[] {
  const strange = [OUTSIDE_MESH, INSIDE_MESH];
  const others = actors.filter(
    (actor) => !actor.isOutside && !isGoverned(topology, actor) && !strange.includes(actor.namespace),
  );
  return [...new Set(others.map(({ namespace }) => namespace))].map((namespace) =>
    pod(namespace, "bystander", {
      http: portsOf(others.filter((actor) => actor.namespace === namespace)),
      isBesides: true,
    }),
  );
}

export function cast(topology: Topology): Actor[] {
  const actors = [
    ...topology.agents.map(agentActor),
    ...(topology.routing === "gateway" ? [GATEWAY] : []),
    ...kagentActors(),
    ...strangers(topology),
    ...entryActors(topology),
    ...systemActors(topology),
    ...outside(topology),
  ];
  return [...actors, ...impostors(actors), ...bystanders(actors, topology)];
}

export const byId = (actors: readonly Actor[]): ReadonlyMap<string, Actor> =>
  new Map(actors.flatMap((actor) => [actor.id, ...(actor.also ?? [])].map((id) => [id, actor] as const)));

/** Under which names an actor is found, besides its address. */
export function hostsOf(actor: Actor, clusterDomain: string): string[] {
  const { service, namespace, hosts } = actor;
  if (service === undefined) return [...hosts];
  const short = `${service.name}.${namespace}`;
  return [...hosts, short, `${short}.svc`, `${short}.svc.${clusterDomain}`];
}
