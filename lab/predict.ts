/**
 * What the answer to a question should be: by the graph, which knows no manifest, and by the evaluators of `verify/`, which
 * know nothing but manifests. The lab holds the real parts against both.
 */
import { istio, kagent, type Topology } from "../topology/index";
import { atGateway, gatewayKnowsIdentities, routeOf } from "../verify/static/calls";
import type { End } from "../verify/static/ends";
import { Guard, jwtRules, type Token } from "../verify/static/istio";
import { connects, type Endpoint } from "../verify/static/network";
import type { Objects } from "../verify/static/objects";
import { type DeclaredRequest, DeclaredRequests } from "../verify/static/oracle/identity";
import { DeclaredConnections } from "../verify/static/oracle/network";
import { type Actor, cast, DATABASE_ID, GATEWAY_ID } from "./cast";
import { type Api, type Call, type Egress, type Mode, type Question, subjectOf } from "./questions";
import type { Tokens } from "./tokens";

/** Whether the question's attempt gets through, with these layers in force. */
export type Prediction = (question: Question, mode: Mode) => boolean;
/** Where an actor is: pods get their addresses when the lab starts. */
export type Place = (actor: Actor) => string;

/** ALLOW_ANY: a sidecar passes on what it does not know. No object of the plan says so, but the release of istiod. */
const isMeshOpen = ({ platform }: Topology): boolean => platform.outboundTraffic === "any";

const isGoverned = ({ tenants }: Topology, { namespace }: Actor): boolean =>
  namespace === kagent.KAGENT_NAMESPACE || tenants.some(({ name }) => name === namespace);

/** Nobody proves an identity from outside of the mesh, nor from the gateway's pod past its proxy. */
function identityOf({ mesh, namespace, serviceAccount }: Actor, { cluster }: Topology): string | undefined {
  return mesh === "sidecar" ? istio.principal(cluster.trustDomain, namespace, serviceAccount) : undefined;
}

export function byGraph(topology: Topology, tokens: Tokens, place: Place): Prediction {
  const actors = cast(topology);
  const ends = actors.map((actor) => endOf(topology, actor, place(actor)));
  const index = new Map(actors.map(({ id }, at) => [id, at]));
  const connections = new DeclaredConnections(topology, ends);
  const requests = new DeclaredRequests(topology);
  const { trustDomain } = topology.cluster;

  const connectsTo = (from: Actor, to: Actor, port: number): boolean => {
    const [source, target] = [index.get(from.id) ?? -1, index.get(to.id) ?? -1];
    const opens = (end: number, direction: "Ingress" | "Egress", other: number) => {
      const openings = connections.of(end);
      if (openings === undefined) return true;
      return openings[direction].some(
        ({ others, ports }) =>
          others.has(other) && ports.some(([number, protocol]) => number === port && protocol === "TCP"),
      );
    };
    return opens(source, "Egress", target) && opens(target, "Ingress", source);
  };
  const accepts = (
    declared: readonly DeclaredRequest[],
    principal: string | undefined,
    token: Token | undefined,
    details: { path?: string; host?: string } = {},
  ): boolean =>
    declared.some(
      (one) =>
        one.principal === principal &&
        (one.host === undefined || one.host === details.host) &&
        (one.isPathAllowed?.(details.path ?? "/") ?? true) &&
        (one.token === undefined ||
          (token?.genuine === true &&
            one.token.subject === token.subject &&
            one.token.audience === token.audience)),
    );
  /** A token that is wrong in itself, or for somebody else, is refused even where none is needed. */
  const isRefusedOutright = (token: Token | undefined, audiences: readonly string[]): boolean =>
    token !== undefined && audiences.length > 0 && !(token.genuine && audiences.includes(token.audience));

  const calls = (question: Call, mode: Mode): boolean => {
    const { from, to, callee, way, host } = question;
    const token = tokens.shown(question.token, subjectOf(from), callee)?.seen;
    const own = callee.callers.length > 0 ? [`${callee.tenant}.${callee.name}`] : [];
    if (mode === "all" && !connectsTo(from, to, question.port)) return false;
    if (way === "direct")
      return (
        !isRefusedOutright(token, own) && accepts(requests.toAgent(callee), identityOf(from, topology), token)
      );
    const gateway = actors.find(({ id }) => id === GATEWAY_ID);
    const target = actors.find(({ id }) => id === callee.id);
    return (
      accepts(requests.toGateway(), identityOf(from, topology), token, { host }) &&
      gateway !== undefined &&
      target !== undefined &&
      (mode !== "all" || connectsTo(gateway, target, kagent.AGENT_PORT)) &&
      accepts(
        requests.toAgent(callee),
        istio.principal(trustDomain, gateway.namespace, gateway.serviceAccount),
        token,
      )
    );
  };
  const api = ({ from, to, port, path }: Api, mode: Mode): boolean => {
    const component = to.name.replace(/^kagent-/, "") as kagent.KagentComponent;
    return (
      (mode !== "all" || connectsTo(from, to, port)) &&
      accepts(requests.toComponent(component), identityOf(from, topology), undefined, { path })
    );
  };
  const egress = ({ from, to, port, host, tls }: Egress, mode: Mode): boolean => {
    if (mode === "all" && !connectsTo(from, to, port)) return false;
    if (from.mesh !== "sidecar" || to.service !== undefined || isMeshOpen(topology)) return true;
    const { externalDatabase } = topology;
    if (to.id === DATABASE_ID && externalDatabase !== undefined)
      return from.namespace === kagent.KAGENT_NAMESPACE && port === externalDatabase.port;
    // Only a host that the team's models name; an address that nothing in the registry has is unknown to the mesh.
    const models = topology.tenants.find(({ name }) => name === from.namespace)?.models ?? [];
    return (
      tls &&
      models.some(
        ({ settings }) =>
          settings.egress.port === port && settings.egress.hosts.some((pattern) => matches(pattern, host)),
      )
    );
  };
  return (question, mode) => {
    switch (question.kind) {
      case "connection":
        return connectsTo(question.from, question.to, question.port);
      case "call":
        return calls(question, mode);
      case "api":
        return api(question, mode);
      case "egress":
        return egress(question, mode);
    }
  };
}

const matches = (pattern: string, host: string): boolean =>
  pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : pattern === host;

function endOf(topology: Topology, actor: Actor, address: string): End {
  const { id, labels, namespace, isOutside } = actor;
  const agent = topology.agents.find((one) => one.id === id);
  const component = /^kagent\/kagent-(controller|ui|database)$/.exec(id)?.[1];
  const governed = isGoverned(topology, actor);
  const role = isOutside
    ? "address"
    : agent !== undefined
      ? "agent"
      : id === GATEWAY_ID
        ? "gateway"
        : ((component as kagent.KagentComponent | undefined) ??
          (governed ? "undeclared pod" : "platform pod"));
  return {
    role,
    name: id,
    address,
    isGoverned: governed && !isOutside,
    ...(!isOutside && { pod: { namespace, labels } }),
    ...(agent && { agent }),
  };
}

/** @param objects manifests as they are applied, engine values or not */
export function byManifests(topology: Topology, objects: Objects, tokens: Tokens, place: Place): Prediction {
  const actors = cast(topology);
  const gateway = actors.find(({ id }) => id === GATEWAY_ID);
  const endpoint = (actor: Actor): Endpoint => ({
    address: place(actor),
    ...(!actor.isOutside && { pod: { namespace: actor.namespace, labels: actor.labels } }),
  });
  // Many questions are about the same two ends, and all of those about one end have the same policies.
  const open = new Map<string, boolean>();
  const connectsTo = (from: Actor, to: Actor, port: number): boolean => {
    const key = `${from.id} ${to.id} ${port}`;
    const answer = open.get(key) ?? connects(objects, { from: endpoint(from), to: endpoint(to), port });
    open.set(key, answer);
    return answer;
  };
  const guards = new Map<string, Guard>();
  const ofGateway = atGateway(objects);
  const isOpen = gatewayKnowsIdentities({ objects });
  const isLetIn = (to: Actor, port: number, request: object): boolean => {
    const workload = { namespace: to.namespace, labels: to.labels };
    const guard = guards.get(to.id) ?? new Guard(to === gateway ? ofGateway : objects, workload);
    guards.set(to.id, guard);
    return guard.authorize({ port, ...request }) === "allowed";
  };

  const throughGateway = ({ from, callee, host, port, to }: Call, token: Token | undefined, mode: Mode) => {
    // Its listener asks for a client certificate: without one there is no request.
    const principal = identityOf(from, topology);
    if (!isOpen || principal === undefined) return false;
    const headers = { [kagent.CALLEE_HEADER]: host };
    if (!isLetIn(to, port, { principal, token, headers })) return false;
    const destination = routeOf(objects, host);
    const target = actors.find(({ id }) => id === callee.id);
    if (target === undefined || gateway === undefined || destination === undefined) return false;
    if (destination.host.split(".").slice(0, 2).reverse().join("/") !== callee.id) return false;
    if (mode === "all" && !connectsTo(gateway, target, destination.port)) return false;
    const isForwarded = jwtRules(objects, gateway).every((rule) => rule.forwardOriginalToken === true);
    return isLetIn(target, destination.port, {
      principal: istio.principal(topology.cluster.trustDomain, gateway.namespace, gateway.serviceAccount),
      token: isForwarded ? token : undefined,
    });
  };
  return (question, mode) => {
    const { from, to, port } = question;
    if (question.kind === "connection") return connectsTo(from, to, port);
    if (mode === "all" && !connectsTo(from, to, port)) return false;
    const principal = identityOf(from, topology);
    switch (question.kind) {
      case "call": {
        const token = tokens.shown(question.token, subjectOf(from), question.callee)?.seen;
        return question.way === "gateway"
          ? throughGateway(question, token, mode)
          : isLetIn(to, port, { principal, token });
      }
      case "api":
        return isLetIn(to, port, { principal, path: question.path });
      case "egress":
        return (
          from.mesh !== "sidecar" ||
          to.service !== undefined ||
          isMeshOpen(topology) ||
          isKnown(objects, question)
        );
    }
  };
}

/** REGISTRY_ONLY: a sidecar knows the hosts of its namespace's ServiceEntries, and no other. */
function isKnown(objects: Objects, { from, host, port, tls }: Egress): boolean {
  return objects
    .in("ServiceEntry", from.namespace)
    .some(
      ({ spec }) =>
        tls &&
        spec.ports.some(({ number }: { number: number }) => number === port) &&
        spec.hosts.some((pattern: string) => matches(pattern, host)),
    );
}
