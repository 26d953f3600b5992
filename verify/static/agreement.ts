/**
 * Whether admission, reconciler, network and identity let the same delegations pass. Two of them see less than a pair of agents:
 * the reconciler knows the caller's namespace, and through a gateway the network knows callers and callees apart. They are
 * held to what they can see.
 */
import {
  agentHost,
  agentPrincipal,
  calleeHeaderValue,
  gatewayPrincipal,
  istio,
  kagent,
  type Topology,
} from "../../topology/index";
import type { Allowed } from "./callers";
import { gatewayKnowsIdentities, routesOf } from "./calls";
import type { IdentityProof } from "./identity-proof";
import { GATEWAY_ID } from "./identity-targets";
import { Guard, type Token } from "./istio";
import { admissionParameters } from "./kagent";
import type { NetworkProof } from "./network-proof";
import { type Doc, Labelled, type Objects, push } from "./objects";

export const AGREEING = ["graph", "admission", "reconciler", "network", "identity"] as const;
export type Agreeing = (typeof AGREEING)[number];

export interface Disagreement {
  /** `<caller> -> <callee>`, where the caller may be known by its namespace only. */
  readonly delegation: string;
  readonly allowedBy: readonly Agreeing[];
  readonly refusedBy: readonly Agreeing[];
}
export interface Agreement {
  readonly delegations: readonly string[];
  readonly disagreements: readonly Disagreement[];
}

/** What one layer lets pass. */
interface View {
  readonly allows: (caller: string, callee: string) => boolean;
  /** Pairs that it names itself, `<caller> -> <callee>`; none for a layer that does not know pairs. */
  readonly pairs: readonly string[];
  /** What it lets pass in its own terms. */
  readonly claims: readonly string[];
  /** The claims that a pair is a case of. */
  readonly claimsOf: (caller: string, callee: string) => readonly string[];
}

const split = (pair: string): [string, string] => pair.split(" -> ") as [string, string];
const namespaceOf = (id: string): string => id.split("/")[0] ?? "";
const ofPairs = (pairs: Iterable<string>): View => {
  const set = new Set(pairs);
  return {
    allows: (caller, callee) => set.has(`${caller} -> ${callee}`),
    pairs: [...set],
    claims: [],
    claimsOf: () => [],
  };
};

export function agreement(
  topology: Topology,
  objects: Objects,
  proofs: { readonly network: NetworkProof; readonly identity: IdentityProof },
): Agreement {
  const views: Readonly<Record<Agreeing, View>> = {
    graph: ofPairs(topology.delegations.map(({ id }) => id)),
    admission: ofPairs(admitted(objects)),
    reconciler: reconcilerView(objects),
    network: networkView(topology, proofs.network),
    identity: ofPairs(identified(topology, objects, proofs.identity)),
  };
  const pairs = [...new Set(AGREEING.flatMap((layer) => views[layer].pairs))].sort();
  const disagreements: Disagreement[] = [];
  for (const pair of pairs) {
    const [caller, callee] = split(pair);
    const allowedBy = AGREEING.filter((layer) => views[layer].allows(caller, callee));
    const refusedBy = AGREEING.filter((layer) => !allowedBy.includes(layer));
    if (refusedBy.length > 0) disagreements.push({ delegation: pair, allowedBy, refusedBy });
  }
  // A layer that sees less than pairs lets more of them through, and must have a declared one for each of its claims.
  for (const layer of AGREEING) {
    const { claims, claimsOf } = views[layer];
    const declared = new Set(views.graph.pairs.flatMap((pair) => claimsOf(...split(pair))));
    for (const claim of claims)
      if (!declared.has(claim))
        disagreements.push({
          delegation: claim,
          allowedBy: [layer],
          refusedBy: AGREEING.filter((other) => other !== layer),
        });
  }
  return { delegations: topology.delegations.map(({ id }) => id), disagreements };
}

/** The tables that admission reads; a caller in another namespace than its callee must also be in a consumer's. */
function admitted(objects: Objects): string[] {
  const { delegations = {}, tenants = {} } = admissionParameters(objects);
  const isConsumer = (namespace: string): boolean =>
    Object.hasOwn(tenants, namespace) && objects.namespaceLabels(namespace)[kagent.CONSUMER_LABEL] === "true";
  return Object.entries(delegations).flatMap(([caller, callees]) =>
    callees
      .filter((callee) => namespaceOf(caller) === namespaceOf(callee) || isConsumer(namespaceOf(caller)))
      .map((callee) => `${caller} -> ${callee}`),
  );
}

function reconcilerView(objects: Objects): View {
  const namespaces = new Labelled(
    objects.all("Namespace").map(({ metadata }) => metadata.name as string),
    (name) => objects.namespaceLabels(name),
  );
  const allowed = new Map<string, ReadonlySet<string>>(
    objects.all("Agent").map(({ metadata, spec }: Doc) => {
      const { from = "Same", selector } = spec.allowedNamespaces ?? {};
      const others =
        from === "All" ? namespaces.items : from === "Selector" ? namespaces.selected(selector) : [];
      return [`${metadata.namespace}/${metadata.name}`, new Set(others)];
    }),
  );
  return {
    allows: (caller, callee) =>
      namespaceOf(caller) === namespaceOf(callee) || allowed.get(callee)?.has(namespaceOf(caller)) === true,
    pairs: [],
    claims: [...allowed].flatMap(([callee, names]) =>
      [...names].filter((name) => name !== namespaceOf(callee)).map((name) => anybodyIn(name, callee)),
    ),
    claimsOf: (caller, callee) => [anybodyIn(namespaceOf(caller), callee)],
  };
}
const anybodyIn = (namespace: string, callee: string): string => `anybody in ${namespace} -> ${callee}`;

function networkView({ routing }: Topology, { open }: NetworkProof): View {
  const pairs: string[] = [];
  const callers = new Set<string>();
  const callees = new Set<string>();
  for (const { from, to, port } of open) {
    if (port.protocol !== "TCP") continue;
    if (from.role === "agent" && to.role === "agent" && port.port === kagent.AGENT_PORT)
      pairs.push(`${from.name} -> ${to.name}`);
    if (from.role === "agent" && to.role === "gateway" && port.port === istio.GATEWAY_PORT)
      callers.add(from.name);
    if (from.role === "gateway" && to.role === "agent" && port.port === kagent.AGENT_PORT)
      callees.add(to.name);
  }
  if (routing === "direct") return ofPairs(pairs);
  const direct = ofPairs(pairs);
  return {
    allows: (caller, callee) => direct.allows(caller, callee) || (callers.has(caller) && callees.has(callee)),
    pairs,
    claims: [...[...callers].map(toGateway), ...[...callees].map(fromGateway)],
    claimsOf: (caller, callee) => [toGateway(caller), fromGateway(callee)],
  };
}
const toGateway = (caller: string): string => `${caller} -> the gateway`;
const fromGateway = (callee: string): string => `the gateway -> ${callee}`;

/** Pairs for which some token gets a request all the way, on any way there is. */
function identified(
  topology: Topology,
  objects: Objects,
  { raw, targets, tokens: held }: IdentityProof,
): string[] {
  const { agents, cluster, routing } = topology;
  const names = new Map(agents.map((agent) => [agentPrincipal(agent, cluster.trustDomain), agent.id]));
  // A pattern also takes tokens that nobody was given; a delegation needs one that somebody holds.
  const existing = new Set<Token | undefined>([undefined, ...held]);
  const pairs = new Set<string>();
  const add = (principal: string | undefined, callee: string) => {
    const caller = names.get(principal ?? "");
    if (caller !== undefined && caller !== callee) pairs.add(`${caller} -> ${callee}`);
  };
  const callees = new Map(
    targets.flatMap((target) => (target.agent ? [[target.name, target] as const] : [])),
  );
  for (const callee of callees.keys())
    for (const { principal, port, token } of raw.get(callee) ?? [])
      if (port === kagent.AGENT_PORT && existing.has(token)) add(principal, callee);

  const gateway = targets.find(({ name }) => name === GATEWAY_ID);
  if (routing !== "gateway" || gateway === undefined || !gatewayKnowsIdentities({ objects }))
    return [...pairs];
  const guard = new Guard(objects, gateway);
  const guards = new Map([...callees].map(([name, target]) => [name, new Guard(objects, target)]));
  const principal = gatewayPrincipal(cluster.trustDomain);
  const port = kagent.AGENT_PORT;
  const requests = new Map<string, Allowed[]>();
  for (const one of raw.get(GATEWAY_ID) ?? [])
    if (one.port === istio.GATEWAY_PORT) push(requests, one.headers[kagent.CALLEE_HEADER] ?? "", one);
  for (const [host, callee] of calleesByHost(topology, objects)) {
    const takes = (raw.get(callee) ?? []).filter((one) => one.principal === principal);
    for (const one of [...(requests.get(host) ?? []), ...(requests.get("") ?? [])]) {
      // Where the gateway asks for no token, the caller may still bring one for the callee.
      const tokens = one.token === undefined ? [undefined, ...takes.map(({ token }) => token)] : [one.token];
      const gets = tokens.some(
        (token) =>
          existing.has(token) &&
          ((token === one.token && guard.rules.deny.length === 0) ||
            guard.authorize({ ...one, headers: { [kagent.CALLEE_HEADER]: host }, token }) === "allowed") &&
          guards.get(callee)?.authorize({
            principal,
            port,
            path: one.path,
            token: guard.forwardsTokens ? token : undefined,
          }) === "allowed",
      );
      if (gets) add(one.principal, callee);
    }
  }
  return [...pairs];
}

/** Which agent the gateway sends a request to, by the value of its header that names the callee. */
function calleesByHost({ agents, cluster }: Topology, objects: Objects): Map<string, string> {
  const byHost = new Map(agents.map((agent) => [agentHost(agent, cluster.clusterDomain), agent.id]));
  const route = routesOf(objects);
  return new Map(
    agents.map(calleeHeaderValue).flatMap((value) => {
      const { host = "", port } = route(value) ?? {};
      const callee = port === kagent.AGENT_PORT ? byHost.get(host) : undefined;
      return callee === undefined ? [] : [[value, callee] as const];
    }),
  );
}
