import { KAGENT_NAMESPACE } from "../../../topology/kagent";
import type { Finding } from "../../framework/finding";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { type AgentView, agents } from "../../reading/agents";
import { allowRules, ownersIn, sources } from "../../reading/authorization";
import { flowsOf, networkPolicies } from "../../reading/flows";
import { governedNamespaces } from "../../reading/scope";
import { parsePrincipal, principalOwner } from "../../reading/workloads";

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

/** Namespaces outside of the stack from which users reach the controller and the UI, by layer. */
function entries(stack: StackIndex): Readonly<Record<"network" | "identity", ReadonlySet<string>>> {
  const [network, identity] = [new Set<string>(), new Set<string>()];
  for (const policy of networkPolicies(stack))
    for (const { subject, direction, peer } of flowsOf(stack, policy))
      if (typeof subject === "object" && direction === "ingress" && peer.kind === "elsewhere")
        for (const namespace of peer.namespaces) network.add(`${subject.kind} ${namespace}`);
  for (const { view, rule } of allowRules(stack))
    for (const source of sources(rule))
      for (const text of source.at("principals").texts()) {
        const principal = parsePrincipal(text);
        if (typeof view.workload !== "object" || principal === undefined) continue;
        if (principalOwner(stack, principal) === "outside")
          identity.add(`${view.workload.kind} ${principal.namespace}`);
      }
  return { network, identity };
}

function* agentAgrees(stack: StackIndex, agent: AgentView): Iterable<Finding> {
  const { atAgent, atController, byIdentity } = stack.derive(exposure);
  const says = [atAgent, atController, byIdentity].filter((set) => set.has(agent.id)).length;
  if (says !== 0 && says !== 3)
    yield agent.object.root.finding(
      `users reach ${agent.id} by some of the agent's ingress, the controller's egress and identity, but not all. Write all of them or none.`,
    );
}

function* entriesAgree(stack: StackIndex, namespace: StackObject): Iterable<Finding> {
  const { network, identity } = stack.derive(entries);
  const both = new Set([...network, ...identity]);
  for (const entry of both) {
    if (network.has(entry) && identity.has(entry)) continue;
    const [workload, from] = entry.split(" ");
    yield namespace.root.finding(
      `namespace ${from} reaches the ${workload} in ${network.has(entry) ? "network" : "identity"} only. Write both or neither.`,
    );
  }
}

export const agreesWithIdentity = rule({
  name: "network-agrees-with-identity",
  layer: "network",
  severity: "high",
  description: "Users reach agents, the controller and the UI in network and identity alike, or in neither.",
  why: "Where only one layer says so, somebody opened the other by hand, and one mistake more exposes the workload.",
  remediation: [
    "Decide whether users may reach the agent: `exposed: true` in the stack configuration, or nothing.",
    "By hand: the agent's ingress from the controller, the controller's egress to the agent, and the rule with the controller's principal belong together;",
    "so do the ingress of controller or UI from another namespace and the rule with a principal of it.",
  ],
  *subjects(stack) {
    for (const agent of agents(stack)) yield { agent };
    for (const { name, object } of governedNamespaces(stack)) if (name === KAGENT_NAMESPACE) yield { object };
  },
  *check(subject, stack) {
    if ("agent" in subject) yield* agentAgrees(stack, subject.agent);
    else yield* entriesAgree(stack, subject.object);
  },
});
