/** Delegations: their ends, and the graph that they make. */
import { findCycle, longestChain } from "./chains";
import { MAX_CHAIN_LENGTH, MAX_TOOLS } from "./kagent";
import { asList, asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

export function namesInTenant(id: string): readonly [tenant: string, name: string] {
  const slash = id.indexOf("/");
  return slash < 0 ? ["", id] : [id.slice(0, slash), id.slice(slash + 1)];
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly index: number;
}

export function looseEdges(delegations: readonly unknown[]): Edge[] {
  return delegations.flatMap((value, index) => {
    const { from, to } = asMap(value);
    return typeof from === "string" && typeof to === "string" ? [{ from, to, index }] : [];
  });
}

export function delegationProblems(edges: readonly Edge[], agents: Loose, tenants: Loose): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  for (const { from, to, index } of edges) {
    for (const [end, id] of [
      ["from", from],
      ["to", to],
    ] as const) {
      if (id in agents) continue;
      const [tenant] = namesInTenant(id);
      // Reported as a problem of shape.
      if (tenant === "") continue;
      problems.push({
        where: showPath(["delegations", index, end]),
        what:
          tenant in tenants
            ? `there is no agent ${JSON.stringify(id)}.`
            : `there is no tenant ${JSON.stringify(tenant)}, so no agent ${JSON.stringify(id)}.`,
        fix: `Add it, or use one of: ${Object.keys(agents).sort().join(", ") || "(none)"}.`,
      });
    }
    const where = showPath(["delegations", index]);
    if (from === to)
      problems.push({ where, what: `${from} delegates to itself.`, fix: "Remove the delegation." });
    const first = seen.get(`${from} ${to}`);
    if (first !== undefined)
      problems.push({
        where,
        what: `${from} -> ${to} is already declared as delegations[${first}].`,
        fix: "Remove one of the two.",
      });
    else seen.set(`${from} ${to}`, index);
  }
  return problems;
}

/** A tangle has more cycles than anybody wants to read: with these mended, the next run shows the rest. */
const MAX_CYCLES_SHOWN = 5;

/** Cycles, each found without the last delegation of those before it. */
function someCycles(calls: ReadonlyMap<string, readonly string[]>): string[][] {
  const rest = new Map(calls);
  const cycles: string[][] = [];
  while (cycles.length < MAX_CYCLES_SHOWN) {
    const cycle = findCycle(rest);
    if (cycle === undefined) break;
    cycles.push(cycle);
    const [last = "", first] = cycle.slice(-2);
    rest.set(last, rest.get(last)?.filter((callee) => callee !== first) ?? []);
  }
  return cycles;
}

export function shapeOfGraphProblems(edges: readonly Edge[], agents: Loose): Problem[] {
  const problems: Problem[] = [];
  const calls = new Map<string, string[]>();
  for (const { from, to } of edges) {
    if (from !== to && !calls.get(from)?.includes(to)) calls.set(from, [...(calls.get(from) ?? []), to]);
  }
  const cycles = someCycles(calls);
  for (const cycle of cycles)
    problems.push({
      where: "delegations",
      what: `there is a cycle: ${cycle.join(" -> ")}. kagent refuses agents that are tools of each other.`,
      fix: "Remove one of these delegations.",
    });
  if (cycles.length === 0) {
    const chain = longestChain(calls);
    if (chain.length - 1 > MAX_CHAIN_LENGTH)
      problems.push({
        where: "delegations",
        what: `the chain ${chain.join(" -> ")} has ${chain.length - 1} delegations; kagent follows ${MAX_CHAIN_LENGTH}.`,
        fix: "Let an agent early in the chain call a later one directly.",
      });
  }
  for (const caller of new Set([...calls.keys(), ...Object.keys(agents)])) {
    const delegations = calls.get(caller)?.length ?? 0;
    const more = asList(asMap(asMap(asMap(agents[caller]).spec).declarative).tools).length;
    if (delegations + more > MAX_TOOLS)
      problems.push({
        where: showPath(["agents", caller]),
        what: `has ${delegations + more} tools (${delegations} of them delegations); an Agent may have ${MAX_TOOLS}.`,
        fix: "Split the agent, or delegate through an agent that knows the specialists.",
      });
  }
  return problems;
}
