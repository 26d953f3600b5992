import { rule } from "../../framework/rule";
import { agentById, delegations } from "../../reading/agents";

export const calleeExists = rule({
  name: "reconciler-callee-exists",
  layer: "reconciler",
  severity: "high",
  description: "Each tool that is an agent is an Agent of the same stack.",
  why: "Whoever creates an Agent of that name later becomes the callee, with a token that was made for another.",
  remediation: ["Correct the tool's name and namespace, or declare the Agent."],
  subjects: delegations,
  *check({ calleeId, tool }, stack) {
    if (agentById(stack, calleeId) === undefined)
      yield tool.at("agent").finding(`there is no Agent ${calleeId} in this stack.`);
  },
});
