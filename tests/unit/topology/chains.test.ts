import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { readTopology } from "../../../topology";
import { calleesFirst, findCycle, longestChain } from "../../../topology/chains";
import { devConfiguration, ORCHESTRATOR } from "../../support/dev";

type Edge = readonly [string, string];
const NODES = ["a", "b", "c", "d", "e", "f"];
const node = fc.constantFrom(...NODES);
const anyGraph = fc.uniqueArray(fc.tuple(node, node), { maxLength: 12, selector: String });
/** Edges go up the alphabet. */
const acyclicGraph = anyGraph.map((edges) =>
  edges.filter(([from, to]) => from !== to).map(([from, to]): Edge => (from < to ? [from, to] : [to, from])),
);
const callsOf = (edges: readonly Edge[]) =>
  new Map(
    [...new Set(edges.map(([from]) => from))].map((from) => [
      from,
      edges.filter((edge) => edge[0] === from).map(([, to]) => to),
    ]),
  );

/** Naive references: transitive closure, and every path written out. */
function hasCycle(edges: readonly Edge[]): boolean {
  const reach = new Set(edges.map(String));
  for (const via of NODES)
    for (const from of NODES)
      for (const to of NODES)
        if (reach.has(`${from},${via}`) && reach.has(`${via},${to}`)) reach.add(`${from},${to}`);
  return NODES.some((one) => reach.has(`${one},${one}`));
}
function longestPath(edges: readonly Edge[], from: string): number {
  const next = edges.filter((edge) => edge[0] === from).map(([, to]) => 1 + longestPath(edges, to));
  return Math.max(0, ...next);
}
const isPath = (edges: readonly Edge[], path: readonly string[]): boolean =>
  path.slice(1).every((to, index) => edges.some((edge) => edge[0] === path[index] && edge[1] === to));

describe("walks over the graph", () => {
  it("find a cycle exactly where there is one, and it is one", () => {
    fc.assert(
      fc.property(anyGraph, (edges) => {
        const cycle = findCycle(callsOf(edges));
        assert.equal(cycle !== undefined, hasCycle(edges));
        assert.equal(calleesFirst(NODES, callsOf(edges)) === undefined, hasCycle(edges));
        if (cycle === undefined) return;
        assert.ok(isPath(edges, cycle));
        assert.equal(cycle[0], cycle.at(-1));
        assert.equal(new Set(cycle).size, cycle.length - 1);
      }),
      { numRuns: 500 },
    );
  });

  it("find a longest chain", () => {
    fc.assert(
      fc.property(acyclicGraph, (edges) => {
        const chain = longestChain(callsOf(edges));
        assert.ok(isPath(edges, chain));
        assert.equal(
          Math.max(0, chain.length - 1),
          Math.max(...NODES.map((start) => longestPath(edges, start))),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("put callees first, and every agent in once", () => {
    fc.assert(
      fc.property(acyclicGraph, (edges) => {
        const order = calleesFirst(NODES, callsOf(edges)) ?? [];
        assert.deepEqual([...order].sort(), NODES);
        for (const [from, to] of edges) assert.ok(order.indexOf(to) < order.indexOf(from));
      }),
      { numRuns: 300 },
    );
  });

  it("survive a chain of 5,000 delegations and name it, without a deep stack", () => {
    const raw = devConfiguration();
    const ids = Array.from({ length: 5001 }, (_, index) => `team-alpha/n${index}`);
    for (const id of ids) raw.agents[id] = raw.agents[ORCHESTRATOR];
    raw.delegations = ids.slice(1).map((to, index) => ({ from: ids[index], to }));
    assert.throws(() => readTopology(raw), /has 5000 delegations; kagent follows 10\./);
    raw.delegations.push({ from: ids.at(-1), to: ids[0] });
    assert.throws(() => readTopology(raw), /there is a cycle: team-alpha\/n0 -> team-alpha\/n1 -> /);
  });
});
