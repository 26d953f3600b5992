/**
 * What NetworkPolicies let through (networking.k8s.io/v1, as its API reference documents it): additive, and a pod is isolated
 * in a direction only once a policy for that direction selects it. A connection needs both ends.
 * An `ipBlock` is held against pods too, by their address: some network plugins do so, and the others open less.
 */
import { contains } from "./addresses";
import { type Doc, type Labels, NotUnderstood, type Objects, onlyFields, selects } from "./objects";

export type Protocol = "TCP" | "UDP" | "SCTP";
/** One end of a connection: a pod, or an address outside of the cluster. */
export interface Endpoint {
  readonly address: string;
  readonly pod?: {
    readonly namespace: string;
    readonly labels: Labels;
    /** Isolated by nothing, as if its owner had opened it: what the other end says is then all there is. */
    readonly isOpen?: boolean;
    /** Container ports by name, where a policy may name one. */
    readonly namedPorts?: Readonly<Record<string, { readonly port: number; readonly protocol: Protocol }>>;
  };
}
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol?: Protocol;
}
export type Direction = "Ingress" | "Egress";
export const DIRECTIONS: readonly Direction[] = ["Ingress", "Egress"];

/** The rules of a policy for one direction: who, and on which ports. Without peers everyone, without ports every port. */
export interface PolicyRule {
  readonly peers: readonly Doc[];
  readonly ports: readonly Doc[];
}

export function rulesOf(policy: Doc, direction: Direction): readonly PolicyRule[] {
  const [field, side] =
    direction === "Ingress" ? (["ingress", "from"] as const) : (["egress", "to"] as const);
  return (policy.spec[field] ?? []).map((rule: Doc): PolicyRule => {
    onlyFields(rule, [side, "ports"], `${describe(policy)}: a rule`);
    return { peers: rule[side] ?? [], ports: rule.ports ?? [] };
  });
}

const describe = ({ metadata }: Doc): string => `NetworkPolicy ${metadata.namespace}/${metadata.name}`;

/** Whether the policy isolates its pods in a direction. Left out, `policyTypes` follow from the rules that are there. */
export function isAbout(policy: Doc, direction: Direction): boolean {
  onlyFields(policy.spec, ["podSelector", "policyTypes", "ingress", "egress"], describe(policy));
  const { policyTypes, egress = [] } = policy.spec;
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes.includes(direction);
  return direction === "Ingress" || egress.length > 0;
}

export function isolates(policy: Doc, direction: Direction, labels: Labels): boolean {
  return isAbout(policy, direction) && selects(policy.spec.podSelector ?? {}, labels);
}

export function inBlock(ipBlock: Doc, address: string): boolean {
  onlyFields(ipBlock, ["cidr", "except"], "an ipBlock");
  return (
    contains(ipBlock.cidr, address) &&
    !(ipBlock.except ?? []).some((range: string) => contains(range, address))
  );
}

function peerMatches(
  peer: Doc,
  { address, pod }: Endpoint,
  policyNamespace: string,
  objects: Objects,
): boolean {
  onlyFields(peer, ["ipBlock", "namespaceSelector", "podSelector"], "a peer");
  if (peer.ipBlock != null) return inBlock(peer.ipBlock, address);
  if (pod === undefined) return false;
  const namespaceMatches =
    peer.namespaceSelector == null
      ? pod.namespace === policyNamespace
      : selects(peer.namespaceSelector, objects.namespaceLabels(pod.namespace));
  return namespaceMatches && (peer.podSelector == null || selects(peer.podSelector, pod.labels));
}

/** @param to the end whose port it is: a name means that pod's own port */
export function portMatches(wanted: Doc, to: Endpoint, port: number, protocol: Protocol): boolean {
  onlyFields(wanted, ["port", "protocol", "endPort"], "a port");
  if ((wanted.protocol ?? "TCP") !== protocol) return false;
  if (wanted.port === undefined) return true;
  if (typeof wanted.port === "string") {
    const named = to.pod?.namedPorts?.[wanted.port];
    if (to.pod !== undefined && to.pod.namedPorts === undefined)
      throw new NotUnderstood(
        `a policy names the port ${wanted.port}, and the ports of the pod are not known`,
      );
    return named?.port === port && named.protocol === protocol;
  }
  return wanted.port <= port && port <= (wanted.endPort ?? wanted.port);
}

function policyAllows(policy: Doc, direction: Direction, connection: Connection, objects: Objects): boolean {
  const { from, to, port, protocol = "TCP" } = connection;
  const other = direction === "Ingress" ? from : to;
  return rulesOf(policy, direction).some(
    ({ peers, ports }) =>
      (peers.length === 0 ||
        peers.some((peer) => peerMatches(peer, other, policy.metadata.namespace, objects))) &&
      (ports.length === 0 || ports.some((wanted) => portMatches(wanted, to, port, protocol))),
  );
}

/** Whether one end lets the connection through; an end outside of the cluster always does. */
export function opens(objects: Objects, direction: Direction, connection: Connection): boolean {
  const { pod } = direction === "Ingress" ? connection.to : connection.from;
  if (pod === undefined || pod.isOpen) return true;
  const policies = objects
    .in("NetworkPolicy", pod.namespace)
    .filter((policy) => isolates(policy, direction, pod.labels));
  return (
    policies.length === 0 || policies.some((policy) => policyAllows(policy, direction, connection, objects))
  );
}

export function connects(objects: Objects, connection: Connection): boolean {
  return opens(objects, "Egress", connection) && opens(objects, "Ingress", connection);
}
