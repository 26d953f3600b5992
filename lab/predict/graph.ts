import { audience, istio, kagent, type Topology } from "../../topology/index";
import { contains } from "../../verify/static/addresses";
import type { End } from "../../verify/static/ends";
import type { Token } from "../../verify/static/istio";
import { type DeclaredRequest, DeclaredRequests } from "../../verify/static/oracle/identity";
import { DeclaredConnections } from "../../verify/static/oracle/network";
import { type Actor, isGoverned } from "../actor";
import { byId, cast, GATEWAY_ID } from "../cast";
import { answeredBy, CONNECTED, CUT, DROPPED, FORBIDDEN, type Outcome, UNAUTHORIZED } from "../outcome";
import { type Api, type Call, type Egress, type Mode, subjectOf } from "../questions";
import type { Tokens } from "../tokens";
import { identityOf, isMeshOpen, matches, type Place, type Prediction, placeOf } from "./shared";

/** What a request shows of itself. */
interface Shown {
  readonly principal: string | undefined;
  readonly token?: Token | undefined;
  readonly path?: string;
  readonly host?: string;
}

export function byGraph(topology: Topology, tokens: Tokens, place: Place): Prediction {
  const actors = cast(topology);
  const all = byId(actors);
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
  const isDropped = (mode: Mode, from: Actor, to: Actor, port: number): boolean =>
    mode === "all" && !connectsTo(from, to, port);

  const audiences = new Map(
    topology.agents.filter(({ callers }) => callers.length > 0).map((agent) => [agent.id, audience(agent)]),
  );
  /**
   * How a governed place turns away what is not declared, in the order in which it looks; undefined for what is. A token that is
   * wrong in itself, or for somebody else, is refused even where none is needed.
   */
  const refusal = (
    declared: readonly DeclaredRequest[],
    { principal, token, path = "/", host }: Shown,
    own: readonly string[] = [],
  ): Outcome | undefined => {
    if (principal === undefined) return CUT;
    if (token !== undefined && own.length > 0 && !own.includes(token.audience)) return FORBIDDEN;
    if (token !== undefined && own.length > 0 && !token.genuine) return UNAUTHORIZED;
    const isDeclared = declared.some(
      (one) =>
        one.principal === principal &&
        (one.host === undefined || one.host === host) &&
        (one.isPathAllowed?.(path) ?? true) &&
        (one.token === undefined ||
          (token?.genuine === true &&
            one.token.subject === token.subject &&
            one.token.audience === token.audience)),
    );
    return isDeclared ? undefined : FORBIDDEN;
  };

  const calls = ({ from, to, callee, way, host, ...question }: Call, mode: Mode): Outcome => {
    const token = tokens.shown(question.token, subjectOf(from), callee)?.seen;
    const own = [...audiences].filter(([id]) => id === callee.id).map(([, its]) => its);
    if (isDropped(mode, from, to, question.port)) return DROPPED;
    const atCallee = (principal: string | undefined) =>
      refusal(requests.toAgent(callee), { principal, token }, own) ?? answeredBy(callee.id);
    const principal = identityOf(from, topology);
    if (way === "direct") return atCallee(principal);
    const [gateway, target] = [all.get(GATEWAY_ID), all.get(callee.id)];
    if (gateway === undefined || target === undefined) throw new Error(`nothing leads to ${callee.id}`);
    const refused = refusal(requests.toGateway(), { principal, token, host }, [...audiences.values()]);
    if (refused !== undefined) return refused;
    if (isDropped(mode, gateway, target, kagent.AGENT_PORT)) return DROPPED;
    return atCallee(istio.principal(trustDomain, gateway.namespace, gateway.serviceAccount));
  };
  const api = ({ from, to, port, path }: Api, mode: Mode): Outcome => {
    if (isDropped(mode, from, to, port)) return DROPPED;
    if (!isGoverned(topology, to)) return answeredBy(to.id);
    const component = componentOf(to);
    const declared = component === undefined ? [] : requests.toComponent(component);
    return refusal(declared, { principal: identityOf(from, topology), path }) ?? answeredBy(to.id);
  };

  /** Where a sidecar leads a connection; undefined: nowhere. Only to hosts that the team's models name, and to the database. */
  const leadsTo = ({ from, to, port, host, tls }: Egress): Actor | undefined => {
    if (from.mesh !== "sidecar" || to.service !== undefined) return to;
    const database = topology.externalDatabase;
    const isDatabase = database?.port === port && database.cidrs.some((cidr) => contains(cidr, place(to)));
    if (from.namespace === kagent.KAGENT_NAMESPACE && isDatabase) return to;
    const hosts = (topology.tenants.find(({ name }) => name === from.namespace)?.models ?? [])
      .filter(({ settings }) => tls && settings.egress.port === port)
      .map(({ settings }) => settings.egress.hosts);
    const exact = hosts.find((names) => names.includes(host));
    // The name is looked up, whatever the address was; where a name has a wildcard, it cannot be.
    if (exact !== undefined) return exact.some((name) => name.startsWith("*")) ? to : placeOf(actors, host);
    return hosts.flat().some((pattern) => matches(pattern, host)) || isMeshOpen(topology) ? to : undefined;
  };
  const egress = (question: Egress, mode: Mode): Outcome => {
    const reached = leadsTo(question);
    if (reached === undefined) return CUT;
    return isDropped(mode, question.from, reached, question.port) ? DROPPED : answeredBy(reached.id);
  };

  return (question, mode) => {
    switch (question.kind) {
      case "connection":
        return connectsTo(question.from, question.to, question.port) ? CONNECTED : DROPPED;
      case "call":
        return calls(question, mode);
      case "api":
        return api(question, mode);
      case "egress":
        return egress(question, mode);
    }
  };
}

const componentOf = ({ id }: Actor): kagent.KagentComponent | undefined =>
  /^kagent\/kagent-(controller|ui|database)$/.exec(id)?.[1] as kagent.KagentComponent | undefined;

function endOf(topology: Topology, actor: Actor, address: string): End {
  const { id, labels, namespace, isOutside } = actor;
  const agent = topology.agents.find((one) => one.id === id);
  const governed = isGoverned(topology, actor);
  const role = isOutside
    ? "address"
    : agent !== undefined
      ? "agent"
      : id === GATEWAY_ID
        ? "gateway"
        : (componentOf(actor) ?? (governed ? "undeclared pod" : "platform pod"));
  return {
    role,
    name: id,
    address,
    isGoverned: governed,
    ...(!isOutside && { pod: { namespace, labels } }),
    ...(agent && { agent }),
  };
}
