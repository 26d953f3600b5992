/** Reachability over NetworkPolicies, cell by cell, held against the graph. */
import { PRIVATE_IPV4, PRIVATE_IPV6, type Topology } from "../../topology/index";
import { type End, survey } from "./ends";
import { type Connection, DIRECTIONS, isolates, opens } from "./network";
import { Objects } from "./objects";
import { DeclaredConnections, declaredPorts } from "./oracle/network";
import { type Port, portClasses, Reach } from "./reach";

export interface Cell {
  readonly from: End;
  readonly to: End;
  readonly port: Port;
}
/** A cell in which the policies and the graph differ. */
export interface Difference extends Cell {
  readonly found: "open" | "closed";
  /** What opens it, or which end is closed. */
  readonly because: string;
}
export interface NetworkProof {
  /** Cells with a governed end, each of which was decided. */
  readonly cells: number;
  readonly open: readonly Cell[];
  readonly differences: readonly Difference[];
}

/** Cells as numbers, so that a million of them are a set. */
class Cells {
  readonly found = new Set<number>();
  constructor(
    readonly ends: number,
    readonly ports: number,
  ) {}
  readonly add = (from: number, to: number, port: number): void => {
    this.found.add((from * this.ends + to) * this.ports + port);
  };
  split(cell: number): [number, number, number] {
    const pair = Math.floor(cell / this.ports);
    return [Math.floor(pair / this.ends), pair % this.ends, cell % this.ports];
  }
}

/** @throws NotUnderstood when a policy says something whose meaning is not known */
export function proveNetwork(topology: Topology, all: Objects): NetworkProof {
  const { ends, objects } = survey(topology, all, [...PRIVATE_IPV4, ...PRIVATE_IPV6]);
  const ports = portClasses(objects, declaredPorts(topology));
  const governed = new Set([...ends.keys()].filter((index) => ends[index]?.isGoverned));

  const found = new Cells(ends.length, ports.length);
  new Reach(objects, ends, ports).forEachOpen(governed, found.add);
  const declared = declaredCells(new DeclaredConnections(topology, ends), ports, governed);

  const cellOf = (cell: number): Cell => {
    const [from, to, port] = found.split(cell);
    return { from: ends[from] as End, to: ends[to] as End, port: ports[port] as Port };
  };
  const tooOpen = [...found.found].filter((cell) => !declared.found.has(cell)).map(cellOf);
  const tooClosed = [...declared.found].filter((cell) => !found.found.has(cell)).map(cellOf);
  const others = ends.length - governed.size;
  return {
    cells: (governed.size * (governed.size - 1) + 2 * governed.size * others) * ports.length,
    open: [...found.found].map(cellOf),
    differences: [
      ...tooOpen.map((cell): Difference => ({ ...cell, found: "open", because: openedBy(objects, cell) })),
      ...tooClosed.map(
        (cell): Difference => ({ ...cell, found: "closed", because: closedBy(objects, cell) }),
      ),
    ],
  };
}

function declaredCells(declared: DeclaredConnections, ports: readonly Port[], governed: ReadonlySet<number>) {
  const cells = new Cells(declared.ends.length, ports.length);
  const indexOf = new Map(ports.map(({ port, protocol }, index) => [`${port} ${protocol}`, index]));
  const openings = declared.ends.map((_, index) => declared.of(index));
  for (const self of governed)
    for (const direction of DIRECTIONS)
      for (const { others, ports: numbers } of openings[self]?.[direction] ?? [])
        for (const [port, protocol] of numbers)
          for (const other of others) {
            if (other === self) continue;
            const back = openings[other]?.[direction === "Egress" ? "Ingress" : "Egress"];
            const isMutual =
              back === undefined ||
              back.some(
                ({ others, ports }) =>
                  others.has(self) && ports.some(([number, name]) => number === port && name === protocol),
              );
            const index = indexOf.get(`${port} ${protocol}`);
            if (!isMutual || index === undefined) continue;
            if (direction === "Egress") cells.add(self, other, index);
            else cells.add(other, self, index);
          }
  return cells;
}

const connectionOf = ({ from, to, port }: Cell): Connection => ({ from, to, ...port });

/** The policies that let a connection through at its governed ends, or that no policy isolates the end. */
function openedBy(objects: Objects, cell: Cell): string {
  const connection = connectionOf(cell);
  return DIRECTIONS.flatMap((direction) => {
    const end = direction === "Ingress" ? cell.to : cell.from;
    if (!end.isGoverned || end.pod === undefined) return [];
    const { namespace, labels } = end.pod;
    const policies = objects
      .in("NetworkPolicy", namespace)
      .filter((policy) => isolates(policy, direction, labels));
    if (policies.length === 0)
      return [`no NetworkPolicy isolates ${end.name} for ${direction.toLowerCase()}`];
    const surroundings = objects.all("Namespace");
    return policies
      .filter((policy) => opens(new Objects([...surroundings, policy]), direction, connection))
      .map(({ metadata }) => `NetworkPolicy ${namespace}/${metadata.name} (${direction.toLowerCase()})`);
  }).join(" and ");
}

function closedBy(objects: Objects, cell: Cell): string {
  const connection = connectionOf(cell);
  return DIRECTIONS.filter((direction) => !opens(objects, direction, connection))
    .map((direction) =>
      direction === "Ingress"
        ? `no NetworkPolicy lets it into ${cell.to.name}`
        : `no NetworkPolicy lets it out of ${cell.from.name}`,
    )
    .join(" and ");
}
