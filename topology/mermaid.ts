/** The graph as a Mermaid flowchart, for outputs, pull requests and documentation. */
import { type Agent, crossesTenants, type Topology } from "./graph";

/** Capitals, which no name can hold, keep identifiers apart from each other and from the words of Mermaid. */
const team = (tenant: string): string => `TEAM_${tenant}`.replaceAll("-", "_");
const node = ({ tenant, name }: Agent): string => `${tenant}_AGENT_${name}`.replaceAll("-", "_");

export function mermaid({ tenants, delegations, routing }: Topology): string {
  const lines = ["flowchart LR"];
  for (const { name, agents } of tenants) {
    lines.push(`  subgraph ${team(name)}["${name}"]`);
    for (const agent of agents) {
      const shape = agent.settings.exposed ? `(["${agent.name}"])` : `["${agent.name}"]`;
      lines.push(`    ${node(agent)}${shape}`);
    }
    lines.push("  end");
  }
  const exposed = tenants.flatMap(({ agents }) => agents.filter(({ settings }) => settings.exposed));
  if (exposed.length > 0) lines.push('  users(("users"))');
  for (const agent of exposed) lines.push(`  users --> ${node(agent)}`);
  for (const delegation of delegations) {
    const how = routing === "gateway" ? "|gateway|" : "";
    const arrow = crossesTenants(delegation) ? "==>" : "-->";
    lines.push(`  ${node(delegation.caller)} ${arrow}${how} ${node(delegation.callee)}`);
  }
  return `${lines.join("\n")}\n`;
}
