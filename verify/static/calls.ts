/** A whole call from one agent to another, hop by hop: network, mesh, and the gateway's route. */
import { calleeHeaderValue, istio, kagent } from "../../topology/index";
import { authorize, isInForce, jwtRules, type Token } from "./istio";
import { agentPod, type Pod, tokenFor } from "./kagent";
import { connects, type Endpoint } from "./network";
import { type Doc, NotUnderstood, type Objects, onlyFields, selects } from "./objects";

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
  const servers = objects
    .in("Gateway", GATEWAY_NAMESPACE)
    .filter(isInForce)
    .filter(({ spec }) => selects({ matchLabels: spec.selector }, GATEWAY_LABELS))
    .flatMap(({ spec }) => spec.servers)
    .filter(({ port }) => port.number === GATEWAY_PORT);
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
    servers.every(({ tls, hosts }) => tls?.mode === "ISTIO_MUTUAL" && hosts.includes("*")) &&
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

/**
 * Where the gateway sends requests by their header that names the callee; undefined where no route matches. Of several
 * VirtualServices for all hosts Istio takes the oldest first, and among equals goes by name (Istio 1.31).
 * @throws NotUnderstood where a route goes by anything else
 */
export function routesOf(objects: Objects): (host: string) => Destination | undefined {
  const age = ({ metadata }: Doc): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;
  const services = objects
    .in("VirtualService", GATEWAY_NAMESPACE)
    .filter(isInForce)
    .filter(({ spec }) =>
      [GATEWAY_NAME, `${GATEWAY_NAMESPACE}/${GATEWAY_NAME}`].some((name) => spec.gateways?.includes(name)),
    )
    .sort((a, b) => (age(a) < age(b) ? -1 : 1));
  const byHost = new Map<string, Destination>();
  for (const { metadata, spec } of services) {
    const where = `VirtualService ${metadata.namespace}/${metadata.name}`;
    if (JSON.stringify(spec.hosts) !== '["*"]')
      throw new NotUnderstood(`${where} is not for all hosts, and which are asked for is not known`);
    for (const { match = [], route = [], ...rest } of spec.http ?? []) {
      onlyFields(rest, ["name", "timeout", "retries"], `${where}: a route`);
      if (route.length !== 1)
        throw new NotUnderstood(`${where} has a route with ${route.length} destinations`);
      const { host, port } = route[0].destination;
      // An agent's Service has one port, which is meant when none is named.
      const destination = { host, port: port?.number ?? AGENT_PORT };
      // What follows it is for nobody.
      if (match.length === 0) return (wanted) => byHost.get(wanted) ?? destination;
      for (const { headers = {}, ...others } of match) {
        onlyFields(others, ["name"], `${where}: a match`);
        const { exact } = headers[CALLEE_HEADER] ?? {};
        if (Object.keys(headers).length !== 1 || exact === undefined)
          throw new NotUnderstood(`${where} matches by something else than one ${CALLEE_HEADER}`);
        if (!byHost.has(exact)) byHost.set(exact, destination);
      }
    }
  }
  return (wanted) => byHost.get(wanted);
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
