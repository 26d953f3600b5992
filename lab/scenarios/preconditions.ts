/** What scenarios need of a topology, found out before anything runs. */
import type { Delegation, Topology } from "../../topology/index";
import type { Actor } from "../actor";
import { LabError } from "../errors";
import { delegationsToRun } from "../runtimes/objects";
import { NEXT_HOP, NODE_ADDRESS } from "../stage/wires";
import type { Scenario } from "./names";

/** The first declared delegation. @throws where there is none */
export function firstDelegation({ delegations: [first] }: Topology): Delegation {
  if (first === undefined)
    throw new LabError("Faults, drift and the rotation need a delegation, and the topology has none.");
  return first;
}

/** The first delegation between teams. @throws where there is none */
export function delegationToVerify({ delegations }: Topology): Delegation {
  const crossing = delegations.find(({ caller, callee }) => caller.tenant !== callee.tenant);
  if (crossing === undefined)
    throw new LabError("There is nothing to verify: no agent of this topology delegates to another team's.");
  return crossing;
}

const NEEDS: Partial<Record<Scenario, (topology: Topology) => unknown>> = {
  faults: firstDelegation,
  rotation: firstDelegation,
  drift: firstDelegation,
  verify: delegationToVerify,
  runtimes: delegationsToRun,
};

/** @throws one error with all that is missing */
export function requireTopology(topology: Topology, scenarios: readonly Scenario[]): void {
  const missing = new Set<string>();
  for (const scenario of scenarios) {
    try {
      NEEDS[scenario]?.(topology);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      missing.add(error.message);
    }
  }
  const [first, ...rest] = missing;
  if (first !== undefined) throw new LabError(first, ...rest);
}

/** The lab's own node has addresses too. */
export function requireAddresses(actors: readonly Actor[]): void {
  const own = actors.find(({ address = "" }) => [NODE_ADDRESS, NEXT_HOP].includes(address));
  if (own === undefined) return;
  throw new LabError(
    `The lab puts ${own.id} at ${own.address}, the first address that its range has for it, and that is the lab's own node.`,
    "Take another range for it in a copy of the stack file.",
  );
}
