/** A configuration as it would run, and questions to it. */
import { plan } from "../../components/plan/plan";
import { readTopology } from "../../topology";
import { canReach, type World } from "../../verify/static/calls";
import { tokensHeldBy } from "../../verify/static/kagent";
import { type Doc, Objects } from "../../verify/static/objects";

export function worldOf(raw: Readonly<Record<string, unknown>>): World {
  const topology = readTopology(raw);
  const objects = new Objects(plan(topology).map(({ manifest }) => manifest));
  return {
    objects,
    agents: objects.all("Agent"),
    trustDomain: topology.cluster.trustDomain,
    routing: topology.routing,
  };
}

/** The same as if nobody had created, or everybody ignored, the objects of one kind. */
export function withoutKind(world: World, kind: string): World {
  return { ...world, objects: world.objects.filter((manifest) => manifest.kind !== kind) };
}

export const idOf = ({ metadata }: Doc): string => `${metadata.namespace}/${metadata.name}`;

export interface Pair {
  readonly caller: Doc;
  readonly callee: Doc;
  readonly id: string;
}

/** All ordered pairs of different agents, split by what the raw configuration declares. */
export function pairsOf(raw: Readonly<Record<string, unknown>>, { agents }: World): [Pair[], Pair[]] {
  const declared = new Set(
    (raw.delegations as { from: string; to: string }[]).map(({ from, to }) => `${from} -> ${to}`),
  );
  const pairs = agents.flatMap((caller) =>
    agents
      .filter((callee) => callee !== caller)
      .map((callee) => ({ caller, callee, id: `${idOf(caller)} -> ${idOf(callee)}` })),
  );
  return [pairs.filter(({ id }) => declared.has(id)), pairs.filter(({ id }) => !declared.has(id))];
}

/** Who can reach whom, with all tokens that exist anywhere: as if every token had been stolen by everybody. */
export function reachability(world: World): Set<string> {
  const stolen = world.agents.flatMap((agent) => tokensHeldBy(world.objects, agent));
  const reached = new Set<string>();
  for (const caller of world.agents)
    for (const callee of world.agents)
      if (caller !== callee && canReach(world, caller, callee, stolen))
        reached.add(`${idOf(caller)} -> ${idOf(callee)}`);
  return reached;
}
