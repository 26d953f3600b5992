/** Mutants that the pack lets pass, each with the reason. An explanation that no mutant needs any more fails the run. */
export interface Explanation {
  readonly name: RegExp;
  readonly reason: string;
}

const SAME_FLOW = "adds what another policy of the stack already allows, so nothing is weaker";

export const EXPLAINED: readonly Explanation[] = [
  {
    name: /^ServiceEntry .*\+ "collector\.example\.com"$/,
    reason: "which hosts a model is reached by is configuration, and no other object of the stack says it",
  },
  {
    name: /^NetworkPolicy kagent\/kagent-controller\S*: spec\.ingress\[0\]\.from \+ (orchestrator|specialist|ui)$/,
    reason: `${SAME_FLOW}: every agent and the UI may reach the controller on this port`,
  },
  {
    name: /^NetworkPolicy team-alpha\/agent-orchestrator: spec\.egress\[\d\]\.to \+ (gateway|controller)$/,
    reason: `${SAME_FLOW}: a caller may reach both the controller and the gateway, on the same port`,
  },
  {
    name: /^AuthorizationPolicy kagent\/kagent-controller\.team-\w+: .*principals (\+|=) .*(orchestrator-sa|specialist-sa|kagent-ui)"\]?$/,
    reason: `${SAME_FLOW}: every agent may call these paths, and the UI every path`,
  },
];
