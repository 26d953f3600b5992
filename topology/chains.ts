/** Walks over the delegation graph, iterative so that a long chain is no deep stack. Linear in agents and delegations. */
type Calls = ReadonlyMap<string, readonly string[]>;

/** Agents in an order in which each stands behind all it calls; undefined where there is a cycle. */
export function calleesFirst(agents: Iterable<string>, calls: Calls): string[] | undefined {
  const order: string[] = [];
  return visit([...agents], calls, (agent) => order.push(agent)) === undefined ? order : undefined;
}

/** The agents of one cycle, the first repeated at the end; undefined where there is none. */
export function findCycle(calls: Calls): string[] | undefined {
  return visit([...calls.keys()], calls, () => {});
}

/** The agents of a longest chain. The graph must have no cycle. */
export function longestChain(calls: Calls): string[] {
  const next = new Map<string, string | undefined>();
  const length = new Map<string, number>();
  visit([...calls.keys()], calls, (agent) => {
    let [best, via]: [number, string | undefined] = [0, undefined];
    for (const callee of calls.get(agent) ?? []) {
      const through = (length.get(callee) ?? 0) + 1;
      if (through > best) [best, via] = [through, callee];
    }
    length.set(agent, best);
    next.set(agent, via);
  });
  let start: string | undefined;
  for (const [agent, reach] of length)
    if (start === undefined || reach > (length.get(start) ?? 0)) start = agent;
  const chain: string[] = [];
  for (let at = start; at !== undefined; at = next.get(at)) chain.push(at);
  return chain;
}

/** Depth-first; calls `leave` once per agent, after its callees. Returns a cycle as soon as it meets one. */
function visit(
  agents: readonly string[],
  calls: Calls,
  leave: (agent: string) => void,
): string[] | undefined {
  const done = new Set<string>();
  for (const root of agents) {
    if (done.has(root)) continue;
    const path: { agent: string; position: number }[] = [{ agent: root, position: 0 }];
    const onPath = new Set([root]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const callee = calls.get(top.agent)?.[top.position];
      if (callee === undefined) {
        path.pop();
        onPath.delete(top.agent);
        done.add(top.agent);
        leave(top.agent);
        continue;
      }
      top.position += 1;
      if (onPath.has(callee)) {
        const agentsOnPath = path.map(({ agent }) => agent);
        return [...agentsOnPath.slice(agentsOnPath.indexOf(callee)), callee];
      }
      if (done.has(callee)) continue;
      path.push({ agent: callee, position: 0 });
      onPath.add(callee);
    }
  }
  return undefined;
}
