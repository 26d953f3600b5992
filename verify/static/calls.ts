/** A whole call from one agent to another, hop by hop: network, mesh, and the gateway's route. */
import { calleeHeaderValue, istio, kagent } from "../../topology/index";
import { authorize, isInForce, jwtRules, type Token } from "./istio";
import { agentPod, type Pod, tokenFor } from "./kagent";
import { connects, type Endpoint } from "./network";
import { type Doc, NotUnderstood, type Objects, onlyFields, push, selects } from "./objects";

export interface World {
  readonly objects: Objects;
  readonly agents: readonly Doc[];
  readonly trustDomain: string;
  readonly routing: string;
}

const { AGENT_PORT, CALLEE_HEADER, KAGENT_NAMESPACE } = kagent;
const { GATEWAY_LABELS, GATEWAY_NAME, GATEWAY_NAMESPACE, GATEWAY_PORT } = istio;

export const GATEWAY: Pod = {
  namespace: GATEWAY_NAMESPACE,
  labels: GATEWAY_LABELS,
  serviceAccount: GATEWAY_NAME,
  address: "10.244.0.10",
};
export const kagentPod = (component: kagent.KagentComponent): Pod => ({
  namespace: KAGENT_NAMESPACE,
  labels: kagent.kagentPodLabels(component),
  serviceAccount: `kagent-${component}`,
  address: "10.244.0.11",
});
export const podEnd = ({ address, namespace, labels }: Pod): Endpoint => ({
  address,
  pod: { namespace, labels },
});
export const principalOf = (world: World, { namespace, serviceAccount }: Pod): string =>
  `${world.trustDomain}/ns/${namespace}/sa/${serviceAccount}`;

export type Outcome = "answered" | `stopped by ${"network" | "gateway" | "route" | "callee"}`;
export interface Call {
  readonly from: Pod;
  readonly to: Doc;
  readonly token?: Token | undefined;
  /** Value of `x-kagent-host`; that of the callee unless told. */
  readonly host?: string;
  /** `/` unless told. */
  readonly path?: string;
}

/** Servers of the gateway between tenants. */
const serversOf = (objects: Objects): Doc[] =>
  objects
    .in("Gateway", GATEWAY_NAMESPACE)
    .filter(isInForce)
    .filter(({ spec }) => selects({ matchLabels: spec.selector }, GATEWAY_LABELS))
    .flatMap(({ spec }) => spec.servers)
    .filter(({ port }) => port.number === GATEWAY_PORT);

/** `<namespace>/<host>` as a Gateway says whose routes it takes, for which hosts: `.` is its own namespace, and none is any. */
function hostsOf({ hosts }: Doc): { namespace: string; host: string }[] {
  return hosts.map((pattern: string) => {
    const [namespace = "", host] = pattern.split("/");
    if (host === undefined) return { namespace: "*", host: namespace };
    return { namespace: namespace === "." ? GATEWAY_NAMESPACE : namespace, host };
  });
}

const hostOf = ({ metadata }: Doc): string =>
  calleeHeaderValue({ tenant: metadata.namespace, name: metadata.name });

/** Straight to the pod of the callee. */
export function callDirectly(world: World, { from, to, token, path = "/" }: Call): Outcome {
  const pod = agentPod(to);
  if (!connects(world.objects, { from: podEnd(from), to: podEnd(pod), port: AGENT_PORT }))
    return "stopped by network";
  const principal = principalOf(world, from);
  return authorize(world.objects, { to: pod, port: AGENT_PORT, principal, token, path }) === "allowed"
    ? "answered"
    : "stopped by callee";
}

/**
 * Whether a caller in the mesh proves its identity to the gateway: the Gateway must be there for these pods, on this port and
 * for every host, and both sides must speak mutual TLS. PeerAuthentication has no say in it (measured, Istio 1.31).
 */
export function gatewayKnowsIdentities({ objects }: Pick<World, "objects">): boolean {
  const servers = serversOf(objects);
  // Those of the callers' namespaces come before the one beside the gateway, and one without a mode leaves it to the next.
  const places = new Set([
    GATEWAY_NAMESPACE,
    ...objects.all("Agent").map(({ metadata }) => metadata.namespace),
  ]);
  const modes = objects
    .all("DestinationRule")
    .filter(({ metadata, spec }) => places.has(metadata.namespace) && isOfGateway(spec.host))
    .filter(isInForce)
    .flatMap(({ spec }) => spec.trafficPolicy?.tls?.mode ?? []);
  return (
    servers.length > 0 &&
    servers.every(
      (server) => server.tls?.mode === "ISTIO_MUTUAL" && hostsOf(server).some(({ host }) => host === "*"),
    ) &&
    modes.length > 0 &&
    modes.every((mode) => mode === "ISTIO_MUTUAL")
  );
}
const isOfGateway = (host: string): boolean => host.startsWith(`${GATEWAY_NAME}.${GATEWAY_NAMESPACE}.svc.`);

/** What a gateway judges by: its own servers, and not a PeerAuthentication, say how it is spoken to. */
export const atGateway = (objects: Objects): Objects =>
  objects.filter(({ kind }) => kind !== "PeerAuthentication");

export interface Destination {
  readonly host: string;
  readonly port: number;
}
type Routes = (host: string) => Destination | undefined;

/** VirtualServices that are bound to the gateway, in namespaces that it takes routes of. */
function boundServices(objects: Objects): Doc[] {
  const taken = serversOf(objects).flatMap(hostsOf);
  return objects
    .all("VirtualService")
    .filter(
      ({ metadata, spec }) =>
        taken.some(({ namespace, host }) => host === "*" && ["*", metadata.namespace].includes(namespace)) &&
        (spec.gateways ?? []).some((name: string) => {
          const [namespace, gateway] = name.includes("/") ? name.split("/") : [metadata.namespace, name];
          return namespace === GATEWAY_NAMESPACE && gateway === GATEWAY_NAME;
        }),
    )
    .filter(isInForce);
}

/**
 * Where the gateway sends a request for a callee, by its Host and the header that names the callee: a Service, `<host>` and port;
 * undefined where no route matches, or one answers by itself. VirtualServices that name the Host come before those for every Host;
 * of several Istio takes the oldest first, and among equals goes by name (Istio 1.31).
 * @throws NotUnderstood where a route goes by anything else
 */
export function routesOf(objects: Objects): Routes {
  const age = ({ metadata }: Doc): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
  const byHost = new Map<string, Doc[]>();
  for (const service of boundServices(objects).sort((a, b) => (age(a) < age(b) ? -1 : 1)))
    for (const host of service.spec.hosts) {
      if (host !== "*" && host.includes("*"))
        throw new NotUnderstood(`VirtualService ${nameOf(service)} is for the hosts ${host}`);
      push(byHost, host, service);
    }
  const compiled = new Map([...byHost].map(([host, services]) => [host, routesBy(services)]));
  return (host) => (compiled.get(host) ?? compiled.get("*"))?.(host);
}
const nameOf = ({ metadata }: Doc): string => `${metadata.namespace}/${metadata.name}`;

/**
 * Of one VirtualService nothing counts behind a route without a match; of several, such routes come last (measured, Istio 1.31).
 * @param services in order
 */
function routesBy(services: readonly Doc[]): Routes {
  const byHeader = new Map<string, Destination | undefined>();
  const forAnybody: (Destination | undefined)[] = [];
  for (const service of services)
    for (const route of service.spec.http ?? []) {
      const destination = destinationOf(route, `VirtualService ${nameOf(service)}`);
      if ((route.match ?? []).length === 0) {
        forAnybody.push(destination);
        break;
      }
      for (const match of route.match) {
        const exact = match.headers?.[CALLEE_HEADER]?.exact;
        if (exact === undefined || Object.keys(match).length > 1 || Object.keys(match.headers).length > 1)
          throw new NotUnderstood(
            `VirtualService ${nameOf(service)} matches by something else than one ${CALLEE_HEADER}`,
          );
        if (!byHeader.has(exact)) byHeader.set(exact, destination);
      }
    }
  return (host) => (byHeader.has(host) ? byHeader.get(host) : forAnybody[0]);
}

function destinationOf({ match: _match, route = [], ...rest }: Doc, where: string): Destination | undefined {
  onlyFields(rest, ["name", "timeout", "retries", "redirect", "directResponse"], `${where}: a route`);
  if (route.length > 1) throw new NotUnderstood(`${where} has a route with several destinations`);
  const destination = route[0]?.destination;
  // An agent's Service has one port, which is meant when none is named.
  return destination && { host: destination.host, port: destination.port?.number ?? AGENT_PORT };
}

export const routeOf = (objects: Objects, host: string): Destination | undefined => routesOf(objects)(host);

function routeTo({ objects, agents }: World, host: string): Doc | undefined {
  const destination = routeOf(objects, host);
  if (destination === undefined || destination.port !== AGENT_PORT) return undefined;
  const [name, namespace] = destination.host.split(".");
  return agents.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
}

export function callThroughGateway(
  world: World,
  { from, to, token, host = hostOf(to), path = "/" }: Call,
): Outcome {
  const { objects } = world;
  if (!connects(objects, { from: podEnd(from), to: podEnd(GATEWAY), port: GATEWAY_PORT }))
    return "stopped by network";
  if (!gatewayKnowsIdentities(world)) return "stopped by gateway";
  const principal = principalOf(world, from);
  const headers = { [CALLEE_HEADER]: host };
  const request = { to: GATEWAY, port: GATEWAY_PORT, principal, token, headers, path };
  if (authorize(atGateway(objects), request) !== "allowed") return "stopped by gateway";
  const callee = routeTo(world, host);
  if (callee === undefined) return "stopped by route";
  const forwarded = jwtRules(objects, GATEWAY).every(
    ({ forwardOriginalToken }) => forwardOriginalToken === true,
  );
  return callDirectly(world, { from: GATEWAY, to: callee, token: forwarded ? token : undefined, path });
}

/** As the Python runtime does it, with the token of the caller's own tool. */
export function delegate(world: World, caller: Doc, callee: Doc): Outcome {
  const call: Call = { from: agentPod(caller), to: callee, token: tokenFor(world.objects, caller, callee) };
  return world.routing === "gateway" ? callThroughGateway(world, call) : callDirectly(world, call);
}

/** An agent's own, and one of an API that agents use elsewhere: a rule for that API could come to cover another workload. */
const PATHS = ["/", kagent.AGENT_API_PATHS[0]];

/** Whatever the caller tries: every token it can lay hands on, or none, on every way there is. */
export function canReach(world: World, caller: Doc, callee: Doc, tokens: readonly Token[]): boolean {
  const ways = world.routing === "gateway" ? [callDirectly, callThroughGateway] : [callDirectly];
  return [undefined, ...tokens].some((token) =>
    PATHS.some((path) => {
      const call: Call = { from: agentPod(caller), to: callee, token, path };
      return ways.some((way) => way(world, call) === "answered");
    }),
  );
}
