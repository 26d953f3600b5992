import { GATEWAY_PORT } from "../../../topology/istio";
import { CONTROLLER_PORT } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { type AgentView, calleesOf, callersOf, isDeclared } from "../../reading/agents";
import { type Flow, flowsOf, networkPolicies, TO_AGENT } from "../../reading/flows";
import { gatewayWitness } from "../../reading/gateway";
import { PLATFORM_NAMESPACES } from "../../reading/scope";

interface AgentFlow {
  readonly flow: Flow;
  readonly agent: AgentView;
}

function* agentFlows(stack: StackIndex): Iterable<AgentFlow> {
  for (const policy of networkPolicies(stack))
    for (const flow of flowsOf(stack, policy))
      if (typeof flow.subject === "object" && flow.subject.kind === "agent")
        yield { flow, agent: flow.subject.agent };
}

const onlyOn = ({ ports }: Flow, port: string): boolean =>
  ports.length > 0 && ports.every((one) => one === port);

/** Where there is a gateway, agents reach each other through it alone: what it checks, nobody else does. */
const isDirect = (stack: StackIndex): boolean => gatewayWitness(stack) === undefined;

function isDeclaredFlow({ flow, agent }: AgentFlow, stack: StackIndex): boolean {
  const { direction, peer } = flow;
  if (direction === "ingress") {
    if (!onlyOn(flow, TO_AGENT)) return false;
    if (peer.kind === "agents")
      return isDirect(stack) && peer.agents.every(({ id }) => isDeclared(stack, id, agent.id));
    if (peer.kind !== "platform") return false;
    // Whether users reach an agent, identity must say too; see network-agrees-with-identity.
    return (
      peer.workload === "controller" || (peer.workload === "gateway" && callersOf(stack, agent.id).length > 0)
    );
  }
  if (peer.kind === "agents")
    return (
      isDirect(stack) &&
      onlyOn(flow, TO_AGENT) &&
      peer.agents.every(({ id }) => isDeclared(stack, agent.id, id))
    );
  if (peer.kind === "platform")
    return (
      (peer.workload === "controller" && onlyOn(flow, `TCP/${CONTROLLER_PORT}`)) ||
      (peer.workload === "gateway" &&
        onlyOn(flow, `TCP/${GATEWAY_PORT}`) &&
        calleesOf(stack, agent.id).length > 0)
    );
  // Open peers and ranges have rules of their own.
  return peer.kind === "open" || isModelFlow(flow, agent, stack);
}

/** Egress of agents to what the stack does not govern, each agent's ports in the order of its policies. */
function modelPorts(stack: StackIndex): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const { flow, agent } of agentFlows(stack))
    if (flow.direction === "egress" && ["addresses", "elsewhere"].includes(flow.peer.kind))
      if (!first.has(agent.id)) first.set(agent.id, flow.ports[0] ?? "");
  return first;
}

/** An agent has one model, by address or in pods of another namespace, on one port; and none where the platform runs. */
function isModelFlow(flow: Flow, { id }: AgentView, stack: StackIndex): boolean {
  const { peer } = flow;
  if (peer.kind === "elsewhere" && peer.namespaces.some((name) => PLATFORM_NAMESPACES.has(name)))
    return false;
  const port = stack.derive(modelPorts).get(id) ?? "";
  return port.startsWith("TCP/") && onlyOn(flow, port);
}

export const declaredAgentFlows = rule({
  name: "network-declared-agent-flows",
  layer: "network",
  severity: "critical",
  description:
    "Agents talk to the controller, their one model, and the two ends of declared delegations, each on its one port.",
  why: "Any other flow is a way to an agent, or out of one, that the delegation graph does not know.",
  remediation: [
    "Remove the peer. A delegation is a tool of type Agent in the caller; with a gateway, callers and callees name the gateway:",
    "  namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [kagent]}]}",
    "  podSelector: {matchLabels: {app: a2a-gateway, istio: a2a-gateway}}",
  ],
  subjects: agentFlows,
  *check(subject, stack) {
    const { flow, agent } = subject;
    if (!isDeclaredFlow(subject, stack))
      yield flow.field.finding(
        `is no ${flow.direction} that agent ${agent.id} has declared, or not on its port. Remove it.`,
      );
  },
});
