/** Topologies of a given size, always the same for that size. */

export interface Size {
  readonly tenants: number;
  readonly agents: number;
  readonly delegations: number;
}

/** As many agents and delegations per tenant as the goal of 1,000 tenants, 3,000 agents and 5,000 delegations. */
export const sizeOf = (tenants: number): Size => ({
  tenants,
  agents: tenants * 3,
  delegations: tenants * 5,
});

/** Raw configuration. Agents call only agents with a higher number, at most ten steps away, so there is no cycle. */
export function configurationOf({ tenants, agents, delegations }: Size): Record<string, unknown> {
  const tenantName = (index: number) => `team-${String(index).padStart(5, "0")}`;
  const id = (index: number) => `${tenantName(index % tenants)}/agent-${Math.floor(index / tenants)}`;
  const layers = 3;
  const edges: { from: string; to: string }[] = [];
  const seen = new Set<string>();
  // From one third of the agents to the next: chains of two, whatever the size.
  const third = Math.floor(agents / layers);
  for (let step = 0; edges.length < delegations && step < delegations * 4; step += 1) {
    const from = step % (third * (layers - 1));
    const to = (Math.floor(from / third) + 1) * third + ((from * 7 + Math.floor(step / third) * 13) % third);
    const key = `${from} ${to}`;
    if (seen.has(key)) continue;
    seen.add(key);
    edges.push({ from: id(from), to: id(to) });
  }
  const agent = (index: number) => ({
    description: `Agent ${index}`,
    systemMessage: "You help.",
    model: "gpt",
    exposed: index < third,
    skills: [{ id: "help", name: "Help", description: "Helps." }],
  });
  return {
    environment: "development",
    tenants: Object.fromEntries(
      Array.from({ length: tenants }, (_, index) => [tenantName(index), { editors: [tenantName(index)] }]),
    ),
    agents: Object.fromEntries(Array.from({ length: agents }, (_, index) => [id(index), agent(index)])),
    models: { gpt: { provider: "OpenAI", model: "gpt-4.1-mini", egress: { hosts: ["api.openai.com"] } } },
    delegations: edges,
    cluster: { apiServer: { cidrs: ["172.18.0.0/16"] } },
  };
}
