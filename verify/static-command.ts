/** `npm run verify -- --static`: what can be proved from the configuration alone. */
import { plan } from "../components/plan/plan";
import type { Topology } from "../topology/index";
import type { CheckResult } from "./result";
import type { RequestCell } from "./static/identity-proof";
import { identityMatrix, networkMatrix } from "./static/matrix";
import { Objects } from "./static/objects";
import { type Proofs, prove, showCell } from "./static/prove";

export interface StaticOutcome {
  readonly results: readonly CheckResult[];
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

export function verifyStatically(topology: Topology): StaticOutcome {
  return outcome(topology, prove(topology, new Objects(plan(topology).map(({ manifest }) => manifest))));
}

function outcome(topology: Topology, { results, network, identity }: Proofs): StaticOutcome {
  const open: { connections: string[]; requests: RequestCell[] } = {
    connections: (network?.open ?? []).map(showCell),
    requests: [...(identity?.allowed ?? [])],
  };
  return {
    results,
    lines: [
      "",
      ...(network ? [...networkMatrix(topology, network.open), ""] : []),
      ...(identity ? [...identityMatrix(identity), ""] : []),
    ],
    json: { open },
  };
}
