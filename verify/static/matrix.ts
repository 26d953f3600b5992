/** Who can reach whom, as a table for people. Ends that are many stand in one row. */
import type { Topology } from "../../topology/index";
import { contains } from "./addresses";
import type { End } from "./ends";
import type { IdentityProof } from "./identity-proof";
import { ANYBODY } from "./named";
import type { Cell } from "./network-proof";

/** A table with more columns is no help. */
const MOST_COLUMNS = 16;

export function groupOf({ cluster }: Topology): (end: End) => string {
  const within = (cidrs: readonly string[], { address }: End) =>
    cidrs.some((cidr) => contains(cidr, address));
  return (end) => {
    if (end.role === "rogue pod") return "rogue pods";
    if (end.role === "undeclared pod") return "undeclared pods";
    if (end.role !== "address") return end.name;
    if (within(cluster.apiServer.cidrs, end)) return "API server";
    return within(cluster.nodeCIDRs, end) ? "nodes" : "addresses";
  };
}

export function networkMatrix(topology: Topology, open: readonly Cell[]): string[] {
  const group = groupOf(topology);
  const cells = open.map(({ from, to, port }) => ({
    from: group(from),
    to: group(to),
    text: port.protocol === "TCP" ? String(port.port) : `${port.port}/${port.protocol.toLowerCase()}`,
  }));
  return matrix("connections (port)", cells, ["rogue pods", "addresses"]);
}

export function identityMatrix({ allowed }: IdentityProof): string[] {
  const cells = allowed.map(({ from, to, token, path }) => ({
    from,
    to,
    text: token !== "" ? "token" : path === "/" ? "yes" : "some paths",
  }));
  // Where every path is open, that some are need not be said.
  const whole = new Set(
    cells.filter(({ text }) => text === "yes").map(({ from, to }) => JSON.stringify([from, to])),
  );
  return matrix(
    "requests (what they take)",
    cells.filter(({ from, to, text }) => text !== "some paths" || !whole.has(JSON.stringify([from, to]))),
    [ANYBODY],
  );
}

interface Entry {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** @param shown rows that are shown also when nothing in them is open */
function matrix(title: string, cells: readonly Entry[], shown: readonly string[]): string[] {
  const rows = [...new Set([...cells.map(({ from }) => from), ...shown])].sort();
  const columns = [...new Set(cells.map(({ to }) => to))].sort();
  if (columns.length > MOST_COLUMNS || rows.length > 4 * MOST_COLUMNS)
    return [`${title}: ${rows.length} rows and ${columns.length} columns; --json has every open cell.`];
  const texts = new Map<string, Set<string>>();
  for (const { from, to, text } of cells) {
    const key = JSON.stringify([from, to]);
    texts.set(key, (texts.get(key) ?? new Set()).add(text));
  }
  const cell = (from: string, to: string): string =>
    [...(texts.get(JSON.stringify([from, to])) ?? ["·"])].join(",");
  const header = ["from \\ to", ...columns];
  const lines = [header, ...rows.map((from) => [from, ...columns.map((to) => cell(from, to))])];
  const widths = header.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return [
    `${title}:`,
    ...lines.map((line) =>
      `  ${line.map((text, index) => text.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd(),
    ),
  ];
}
