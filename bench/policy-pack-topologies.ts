/** Topologies of a given number of tenants, half of which delegate to the other half. */
export function pairs(tenants: number): Record<string, unknown> {
  const names = [...Array(tenants).keys()].map((index) => `team-${index}`);
  const agent = {
    description: "Does one thing.",
    systemMessage: "You do one thing.",
    model: "gpt",
    skills: [{ id: "a", name: "a", description: "a" }],
  };
  return {
    environment: "development",
    tenants: Object.fromEntries(names.map((name) => [name, { editors: [`${name}-dev`] }])),
    agents: Object.fromEntries(names.map((name) => [`${name}/agent`, agent])),
    models: { gpt: { provider: "OpenAI", model: "large", egress: { hosts: ["api.example.com"] } } },
    delegations: names.flatMap((name, index) =>
      index % 2 === 0 ? [] : [{ from: `${name}/agent`, to: `team-${index - 1}/agent` }],
    ),
    cluster: { apiServer: { cidrs: ["198.51.100.0/24"] } },
  };
}
