/** The words a NetworkPolicy is made of. */
import { type Labels, namespaceSelector } from "../../topology/index";

export interface Peer {
  readonly namespaceSelector?: unknown;
  readonly podSelector?: unknown;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
export interface PortRef {
  readonly protocol: "TCP" | "UDP";
  /** Port of the pod, not of the Service: a policy sees packets after translation. */
  readonly port: number;
}
/** Traffic with any of the peers on any of the ports. Never without peers: an empty list would mean everyone. */
export interface Flow {
  readonly peers: readonly Peer[];
  readonly ports: readonly PortRef[];
}

export const tcp = (port: number): PortRef => ({ protocol: "TCP", port });

export function namespacePods(namespace: string, labels: Labels): Peer {
  return { namespaceSelector: namespaceSelector(namespace), podSelector: { matchLabels: labels } };
}

export const cidrs = (blocks: readonly string[]): Peer[] => blocks.map((cidr) => ({ ipBlock: { cidr } }));
