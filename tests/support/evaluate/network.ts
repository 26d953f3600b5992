/** What NetworkPolicies let through (networking.k8s.io/v1): additive, and deny only where a policy selects the pod. */
import { BlockList, isIPv6 } from "node:net";
import { type Doc, type Labels, type Objects, onlyFields, selects } from "./objects";

/** One end of a connection: a pod, or an address outside of the cluster. */
export interface Endpoint {
  readonly address: string;
  readonly pod?: { readonly namespace: string; readonly labels: Labels };
}
export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol?: "TCP" | "UDP";
}
type Direction = "Ingress" | "Egress";

function contains(cidr: string, address: string): boolean {
  const [network = "", length] = cidr.split("/");
  if (isIPv6(network) !== isIPv6(address)) return false;
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  const block = new BlockList();
  block.addSubnet(network, Number(length), family);
  return block.check(address, family);
}

function peerMatches(
  peer: Doc,
  { address, pod }: Endpoint,
  policyNamespace: string,
  objects: Objects,
): boolean {
  onlyFields(peer, ["ipBlock", "namespaceSelector", "podSelector"], "a peer");
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    return contains(cidr, address) && !except.some((range: string) => contains(range, address));
  }
  if (pod === undefined) return false;
  const namespaceMatches =
    peer.namespaceSelector === undefined
      ? pod.namespace === policyNamespace
      : selects(peer.namespaceSelector, objects.namespaceLabels(pod.namespace));
  return namespaceMatches && (peer.podSelector === undefined || selects(peer.podSelector, pod.labels));
}

function portMatches(ports: readonly Doc[], { port, protocol = "TCP" }: Connection): boolean {
  return ports.some((wanted) => {
    onlyFields(wanted, ["port", "protocol"], "a port");
    return wanted.port === port && (wanted.protocol ?? "TCP") === protocol;
  });
}

function policyAllows(policy: Doc, direction: Direction, connection: Connection, objects: Objects): boolean {
  const [field, side, other] =
    direction === "Ingress"
      ? (["ingress", "from", connection.from] as const)
      : (["egress", "to", connection.to] as const);
  return (policy.spec[field] ?? []).some((rule: Doc) => {
    onlyFields(rule, [side, "ports"], "a rule");
    const peers = rule[side] ?? [];
    const ports = rule.ports ?? [];
    return (
      (peers.length === 0 ||
        peers.some((peer: Doc) => peerMatches(peer, other, policy.metadata.namespace, objects))) &&
      (ports.length === 0 || portMatches(ports, connection))
    );
  });
}

/** Whether one end lets the connection through; an end outside of the cluster always does. */
export function opens(objects: Objects, direction: Direction, connection: Connection): boolean {
  const { pod } = direction === "Ingress" ? connection.to : connection.from;
  if (pod === undefined) return true;
  const policies = objects.in("NetworkPolicy", pod.namespace).filter(({ spec }) => {
    onlyFields(spec, ["podSelector", "policyTypes", "ingress", "egress"], "a NetworkPolicy");
    return spec.policyTypes.includes(direction) && selects(spec.podSelector, pod.labels);
  });
  return (
    policies.length === 0 || policies.some((policy) => policyAllows(policy, direction, connection, objects))
  );
}

export function connects(objects: Objects, connection: Connection): boolean {
  return opens(objects, "Egress", connection) && opens(objects, "Ingress", connection);
}
