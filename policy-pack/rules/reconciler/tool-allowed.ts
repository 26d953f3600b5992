import { rule } from "../../framework/rule";
import { agentById, delegations } from "../../reading/agents";
import { allowed } from "../../reading/allowances";

export const toolAllowed = rule({
  name: "reconciler-tool-allowed",
  layer: "reconciler",
  severity: "high",
  description: "Each tool in another namespace is an Agent that allows its caller's namespace.",
  why: "The controller refuses the caller otherwise, after it was admitted, and never tries again (kagent 0.10, #2599).",
  remediation: ["Add the caller's namespace to values below spec.allowedNamespaces.selector of the callee."],
  subjects: (stack) => delegations(stack).filter(({ caller, callee }) => caller.tenant !== callee.tenant),
  *check({ caller, calleeId, tool }, stack) {
    const callee = agentById(stack, calleeId);
    if (callee === undefined) return;
    if (!allowed(callee)?.includes(caller.tenant))
      yield tool.finding(`Agent ${calleeId} does not allow namespace ${caller.tenant}. Allow it there.`);
  },
});
