import { istio, kagent, type Topology } from "../../topology/index";
import { contains } from "../../verify/static/addresses";
import { atGateway, gatewayKnowsIdentities, routeOf } from "../../verify/static/calls";
import { Guard, type Token } from "../../verify/static/istio";
import { connects, type Endpoint } from "../../verify/static/network";
import { type Doc, type Objects, selects } from "../../verify/static/objects";
import type { Actor } from "../actor";
import { byId, cast, GATEWAY_ID } from "../cast";
import {
  answeredBy,
  CONNECTED,
  CUT,
  DROPPED,
  FORBIDDEN,
  NOBODY_LISTENS,
  type Outcome,
  status,
  UNAUTHORIZED,
} from "../outcome";
import { type Call, type Egress, type Mode, subjectOf } from "../questions";
import type { Tokens } from "../tokens";
import { identityOf, isMeshOpen, matches, type Place, type Prediction, placeOf } from "./shared";

/** Whether a Gateway has the gateway's pod listen. */
const listens = (objects: Objects): boolean =>
  objects
    .in("Gateway", istio.GATEWAY_NAMESPACE)
    .filter(({ spec }) => selects({ matchLabels: spec.selector }, istio.GATEWAY_LABELS))
    .some(({ spec }) => spec.servers.some(({ port }: Doc) => port.number === istio.GATEWAY_PORT));

/** No route, and a route to what is not there (Istio 1.31). */
const NO_ROUTE = status(404);
const NO_CLUSTER = status(503);

/** @param objects manifests as they are applied, engine values or not */
export function byManifests(topology: Topology, objects: Objects, tokens: Tokens, place: Place): Prediction {
  const actors = cast(topology);
  const all = byId(actors);
  const gateway = all.get(GATEWAY_ID);
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
  const isDropped = (mode: Mode, from: Actor, to: Actor, port: number): boolean =>
    mode === "all" && !connectsTo(from, to, port);

  const guards = new Map<string, Guard>();
  const ofGateway = atGateway(objects);
  const guardOf = (to: Actor): Guard => {
    const workload = { namespace: to.namespace, labels: to.labels };
    const guard = guards.get(to.id) ?? new Guard(to === gateway ? ofGateway : objects, workload);
    guards.set(to.id, guard);
    return guard;
  };
  /** How a workload turns a request away; undefined where it does not. */
  const refusal = (to: Actor, request: Parameters<Guard["authorize"]>[0]): Outcome | undefined => {
    const guard = guardOf(to);
    switch (guard.authorize(request)) {
      case "allowed":
        return undefined;
      case "no mutual TLS":
        return CUT;
      case "token refused":
        return isForAnother(guard.jwt, request.token) ? FORBIDDEN : UNAUTHORIZED;
      case "denied":
        return FORBIDDEN;
    }
  };
  const isKnown = gatewayKnowsIdentities({ objects });

  const throughGateway = ({ from, host, port, to }: Call, token: Token | undefined, mode: Mode) => {
    // Its listener asks for a client certificate: without one there is no request.
    const principal = identityOf(from, topology);
    // Where nothing listens, a sidecar tells its application by ending the connection.
    if (!listens(objects) && from.mesh !== "sidecar") return NOBODY_LISTENS;
    if (!isKnown || principal === undefined) return CUT;
    const headers = { [kagent.CALLEE_HEADER]: host };
    const refused = refusal(to, { port, principal, token, headers });
    if (refused !== undefined) return refused;
    const destination = routeOf(objects, host);
    if (destination === undefined) return NO_ROUTE;
    const target = all.get(destination.host.split(".").slice(0, 2).reverse().join("/"));
    if (!target?.service?.ports.some((one) => one.port === destination.port)) return NO_CLUSTER;
    if (isDropped(mode, to, target, destination.port)) return DROPPED;
    const answer = refusal(target, {
      port: destination.port,
      principal: istio.principal(topology.cluster.trustDomain, to.namespace, to.serviceAccount),
      token: guardOf(to).forwardsTokens ? token : undefined,
    });
    return answer ?? answeredBy(target.id);
  };

  /** REGISTRY_ONLY: a sidecar knows what ServiceEntries of its namespace name, and leads nowhere else. */
  const leadsTo = ({ from, to, host, port, tls }: Egress): Actor | undefined => {
    if (from.mesh !== "sidecar" || to.service !== undefined) return to;
    const entries = objects
      .in("ServiceEntry", from.namespace)
      .filter(({ spec }) => spec.ports.some(({ number }: Doc) => number === port));
    const byAddress = entries.some(({ spec }) =>
      spec.addresses?.some((cidr: string) => contains(cidr, place(to))),
    );
    if (byAddress) return to;
    const byName = entries.filter(({ spec }) => tls && spec.addresses === undefined);
    const entry =
      byName.find(({ spec }) => spec.hosts.includes(host)) ??
      byName.find(({ spec }) => spec.hosts.some((pattern: string) => matches(pattern, host)));
    if (entry === undefined) return isMeshOpen(topology) ? to : undefined;
    return entry.spec.resolution === "DNS" ? placeOf(actors, host) : to;
  };

  return (question, mode) => {
    const { from, to, port } = question;
    if (question.kind === "connection") return connectsTo(from, to, port) ? CONNECTED : DROPPED;
    if (question.kind === "egress") {
      const reached = leadsTo(question);
      if (reached === undefined) return CUT;
      return isDropped(mode, from, reached, port) ? DROPPED : answeredBy(reached.id);
    }
    if (isDropped(mode, from, to, port)) return DROPPED;
    const principal = identityOf(from, topology);
    if (question.kind === "api")
      return refusal(to, { port, principal, path: question.path }) ?? answeredBy(to.id);
    const token = tokens.shown(question.token, subjectOf(from), question.callee)?.seen;
    return question.way === "gateway"
      ? throughGateway(question, token, mode)
      : (refusal(to, { port, principal, token }) ?? answeredBy(to.id));
  };
}

/** For which audience a token is comes before who signed it, and after who says to have issued it (Envoy 1.40). */
const isForAnother = (rules: readonly Doc[], token: Token | undefined): boolean =>
  token !== undefined &&
  rules.some(
    ({ issuer, audiences }) => issuer === token.issuer && audiences?.includes(token.audience) === false,
  );
