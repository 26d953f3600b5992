import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { agents } from "../../reading/agents";
import { allowRules, ownersIn, sources } from "../../reading/authorization";
import { flowsOf, networkPolicies } from "../../reading/flows";

interface Exposure {
  /** Agents that the network lets the controller reach: where the agent says so, and where the controller does. */
  readonly atAgent: ReadonlySet<string>;
  readonly atController: ReadonlySet<string>;
  /** Agents whose AuthorizationPolicy lets the controller in. */
  readonly byIdentity: ReadonlySet<string>;
}

function exposure(stack: StackIndex): Exposure {
  const [atAgent, atController, byIdentity] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const policy of networkPolicies(stack))
    for (const { subject, direction, peer } of flowsOf(stack, policy)) {
      if (typeof subject !== "object") continue;
      if (
        subject.kind === "agent" &&
        direction === "ingress" &&
        peer.kind === "platform" &&
        peer.workload === "controller"
      )
        atAgent.add(subject.agent.id);
      if (subject.kind === "controller" && direction === "egress" && peer.kind === "agents")
        for (const { id } of peer.agents) atController.add(id);
    }
  for (const { view, rule } of allowRules(stack)) {
    if (typeof view.workload !== "object" || view.workload.kind !== "agent") continue;
    for (const source of sources(rule))
      for (const owner of ownersIn(stack, source))
        if (typeof owner === "object" && owner.kind === "controller") byIdentity.add(view.workload.agent.id);
  }
  return { atAgent, atController, byIdentity };
}

export const agreesWithIdentity = rule({
  name: "network-agrees-with-identity",
  layer: "network",
  severity: "high",
  description: "Users reach an agent through the controller in network and identity alike, or in neither.",
  why: "Where only one layer says so, somebody opened the other by hand, and one mistake more exposes the agent.",
  remediation: [
    "Decide whether users may reach the agent: `exposed: true` in the stack configuration, or nothing.",
    "By hand: the agent's ingress from the controller, the controller's egress to the agent, and the rule with the controller's principal belong together.",
  ],
  subjects: agents,
  *check(agent, stack) {
    const { atAgent, atController, byIdentity } = stack.derive(exposure);
    const says = [atAgent, atController, byIdentity].filter((set) => set.has(agent.id)).length;
    if (says !== 0 && says !== 3)
      yield agent.object.root.finding(
        `users reach ${agent.id} by some of the agent's ingress, the controller's egress and identity, but not all. Write all of them or none.`,
      );
  },
});
