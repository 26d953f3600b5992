/** What changes between two graphs, in words for a reviewer. */
import type { Topology } from "./graph";

export interface GraphDifference {
  readonly what: "tenant" | "agent" | "exposed agent" | "delegation" | "setting";
  readonly change: "added" | "removed" | "changed";
  readonly name: string;
}

type Names = ReadonlySet<string>;

function compare(what: GraphDifference["what"], before: Names, after: Names): GraphDifference[] {
  const added = [...after].filter((name) => !before.has(name));
  const removed = [...before].filter((name) => !after.has(name));
  return [
    ...added.sort().map((name) => ({ what, change: "added" as const, name })),
    ...removed.sort().map((name) => ({ what, change: "removed" as const, name })),
  ];
}

/** @param before undefined for a stack that is new */
export function graphDifference(before: Topology | undefined, after: Topology): GraphDifference[] {
  const namesOf = (topology: Topology | undefined) => ({
    delegations: new Set(topology?.delegations.map(({ id }) => id)),
    tenants: new Set(topology?.tenants.map(({ name }) => name)),
    agents: new Set(topology?.agents.map(({ id }) => id)),
    exposed: new Set(topology?.agents.filter(({ settings }) => settings.exposed).map(({ id }) => id)),
  });
  const [old, now] = [namesOf(before), namesOf(after)];
  const settings = (["routing", "admission"] as const)
    .filter((key) => before !== undefined && before[key] !== after[key])
    .map((key) => ({
      what: "setting" as const,
      change: "changed" as const,
      name: `${key}: ${before?.[key]} -> ${after[key]}`,
    }));
  return [
    ...compare("delegation", old.delegations, now.delegations),
    ...compare("exposed agent", old.exposed, now.exposed),
    ...compare("tenant", old.tenants, now.tenants),
    ...compare("agent", old.agents, now.agents),
    ...settings,
  ];
}
