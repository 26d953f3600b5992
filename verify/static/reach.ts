/**
 * Every connection that NetworkPolicies let through between given ends. The same answer as asking `connects` for each pair
 * and port, without asking for each: peers are looked up by what they select, so the work grows with the connections that
 * are open and not with the square of the ends.
 */
import { representatives } from "./addresses";
import {
  DIRECTIONS,
  type Direction,
  type Endpoint,
  inBlock,
  isolates,
  type PolicyRule,
  type Protocol,
  portMatches,
  rulesOf,
} from "./network";
import { type Doc, Labelled, type Objects, onlyFields, push } from "./objects";

export interface Port {
  readonly port: number;
  readonly protocol: Protocol;
}
/** An open cell: indices into the ends and the ports that were asked about. */
export type Visit = (from: number, to: number, port: number) => void;

/** Policies that select one pod in one direction; undefined where none does and everything is open. */
type Side = readonly Rule[] | undefined;
interface Rule {
  /** Indices of ends; undefined for everyone. */
  readonly peers: ReadonlySet<number> | undefined;
  readonly ports: readonly Doc[];
}

export class Reach {
  readonly #sides: Readonly<Record<Direction, readonly Side[]>>;
  readonly #byNamespace: ReadonlyMap<string, Labelled<number>>;
  readonly #namespaces: Labelled<string>;
  readonly #peers = new Map<string, ReadonlySet<number>>();

  constructor(
    readonly objects: Objects,
    readonly ends: readonly Endpoint[],
    readonly ports: readonly Port[],
  ) {
    const byNamespace = new Map<string, number[]>();
    for (const [index, { pod }] of ends.entries()) if (pod) push(byNamespace, pod.namespace, index);
    this.#byNamespace = new Map(
      [...byNamespace].map(([name, indices]) => [
        name,
        new Labelled(indices, (index) => ends[index]?.pod?.labels ?? {}),
      ]),
    );
    this.#namespaces = new Labelled([...byNamespace.keys()], (name) => objects.namespaceLabels(name));
    const rules = new Map<Doc, Readonly<Record<Direction, readonly Rule[]>>>();
    for (const policy of objects.all("NetworkPolicy")) {
      const compile = (direction: Direction) =>
        rulesOf(policy, direction).map((rule) => this.#compile(rule, policy.metadata.namespace));
      rules.set(policy, { Ingress: compile("Ingress"), Egress: compile("Egress") });
    }
    const sides = (direction: Direction) =>
      ends.map(({ pod }): Side => {
        if (pod === undefined || pod.isOpen) return undefined;
        const policies = objects
          .in("NetworkPolicy", pod.namespace)
          .filter((policy) => isolates(policy, direction, pod.labels));
        return policies.length === 0
          ? undefined
          : policies.flatMap((policy) => rules.get(policy)?.[direction] ?? []);
      });
    this.#sides = { Ingress: sides("Ingress"), Egress: sides("Egress") };
  }

  #compile({ peers, ports }: PolicyRule, namespace: string): Rule {
    if (peers.length === 0) return { peers: undefined, ports };
    if (peers.length === 1) return { peers: this.#matching(peers[0], namespace), ports };
    return { peers: new Set(peers.flatMap((peer) => [...this.#matching(peer, namespace)])), ports };
  }

  #matching(peer: Doc, policyNamespace: string): ReadonlySet<number> {
    onlyFields(peer, ["ipBlock", "namespaceSelector", "podSelector"], "a peer");
    const place = peer.namespaceSelector == null && peer.ipBlock == null ? policyNamespace : "";
    const key = JSON.stringify([place, peer]);
    const known = this.#peers.get(key);
    if (known !== undefined) return known;
    const found = new Set(
      peer.ipBlock == null ? this.#pods(peer, policyNamespace) : this.#addresses(peer.ipBlock),
    );
    this.#peers.set(key, found);
    return found;
  }

  #pods({ namespaceSelector, podSelector }: Doc, policyNamespace: string): number[] {
    const namespaces =
      namespaceSelector == null ? [policyNamespace] : this.#namespaces.selected(namespaceSelector);
    return namespaces.flatMap((name) => {
      const pods = this.#byNamespace.get(name);
      return pods === undefined ? [] : podSelector == null ? pods.items : pods.selected(podSelector);
    });
  }

  #addresses(ipBlock: Doc): number[] {
    return [...this.ends.keys()].filter((index) => inBlock(ipBlock, this.ends[index]?.address ?? ""));
  }

  isIsolated(index: number, direction: Direction): boolean {
    return this.#sides[direction][index] !== undefined;
  }

  /**
   * Calls `visit` for every open cell with at least one end in `about`, once. An end does not reach itself.
   * @param about indices of ends; cells between two others are not asked for
   */
  forEachOpen(about: ReadonlySet<number>, visit: Visit): void {
    for (const from of about)
      for (const to of this.#candidates(from, "Egress")) if (to !== from) this.#cell(from, to, visit);
    for (const to of about)
      for (const from of this.#candidates(to, "Ingress"))
        if (from !== to && !about.has(from)) this.#cell(from, to, visit);
  }

  /** All ends that a rule of this end may let through. */
  #candidates(index: number, direction: Direction): Iterable<number> {
    const side = this.#sides[direction][index];
    if (side === undefined || side.some(({ peers }) => peers === undefined)) return this.ends.keys();
    return new Set(side.flatMap(({ peers }) => [...(peers ?? [])]));
  }

  #cell(from: number, to: number, visit: Visit): void {
    const end = this.ends[to] as Endpoint;
    const relevant = DIRECTIONS.map((direction) => {
      const [self, other] = direction === "Egress" ? [from, to] : [to, from];
      return this.#sides[direction][self]?.filter(({ peers }) => peers === undefined || peers.has(other));
    });
    if (relevant.some((rules) => rules?.length === 0)) return;
    for (const [index, { port, protocol }] of this.ports.entries()) {
      const isOpen = relevant.every(
        (rules) =>
          rules === undefined ||
          rules.some(
            ({ ports }) =>
              ports.length === 0 || ports.some((wanted) => portMatches(wanted, end, port, protocol)),
          ),
      );
      if (isOpen) visit(from, to, index);
    }
  }
}

/** Every CIDR that a policy names. */
export function blocksOf(objects: Objects): Set<string> {
  const cidrs = new Set<string>();
  for (const policy of objects.all("NetworkPolicy"))
    for (const direction of DIRECTIONS)
      for (const { peers } of rulesOf(policy, direction))
        for (const { ipBlock } of peers)
          for (const cidr of ipBlock == null ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])])
            cidrs.add(cidr);
  return cidrs;
}

/** One address for each class that the policies, or the CIDRs beside them, tell apart: together every address there is. */
export function outsideAddresses(objects: Objects, besides: readonly string[]): string[] {
  return representatives([...blocksOf(objects), ...besides]);
}

const PROTOCOLS: readonly Protocol[] = ["TCP", "UDP", "SCTP"];
const LAST_PORT = 65535;

/** One port for each class of ports that the policies, or the ports beside them, tell apart, in every protocol. */
export function portClasses(objects: Objects, besides: readonly number[]): Port[] {
  const borders = new Set<number>([1]);
  const add = (first: number, last = first) => {
    borders.add(first);
    if (last < LAST_PORT) borders.add(last + 1);
  };
  for (const port of besides) add(port);
  for (const policy of objects.all("NetworkPolicy"))
    for (const direction of DIRECTIONS)
      for (const { ports } of rulesOf(policy, direction))
        for (const { port, endPort } of ports) if (typeof port === "number") add(port, endPort);
  const sorted = [...borders].sort((a, b) => a - b);
  return PROTOCOLS.flatMap((protocol) => sorted.map((port) => ({ port, protocol })));
}
