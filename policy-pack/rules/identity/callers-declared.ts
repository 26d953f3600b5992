import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { type AgentView, calleesOf, callersOf, isDeclared } from "../../reading/agents";
import { allowRules, ownersIn, sources } from "../../reading/authorization";
import { gatewayObject } from "../../reading/gateway";
import type { Workload } from "../../reading/workloads";

type Owner = Workload | "outside" | undefined;
/** Whether somebody may be a caller of a workload at all. */
function mayCall(stack: StackIndex, callee: Workload, owner: Owner): boolean {
  // Principals that nobody has are another rule's.
  if (owner === undefined) return true;
  if (owner === "outside") return callee.kind === "controller" || callee.kind === "ui";
  if (callee.kind === "agent") return mayCallAgent(stack, callee.agent, owner);
  const isAgent = owner.kind === "agent";
  if (callee.kind === "gateway") return isAgent && calleesOf(stack, owner.agent.id).length > 0;
  if (callee.kind === "controller") return isAgent || owner.kind === "ui";
  return callee.kind === "database" && owner.kind === "controller";
}

function mayCallAgent(stack: StackIndex, callee: AgentView, owner: Workload): boolean {
  // Either all delegations go through the gateway, or none does.
  const isThroughGateway = gatewayObject(stack) !== undefined;
  if (owner.kind === "agent") return !isThroughGateway && isDeclared(stack, owner.agent.id, callee.id);
  if (owner.kind === "gateway") return isThroughGateway && callersOf(stack, callee.id).length > 0;
  return owner.kind === "controller";
}

function* undeclared(stack: StackIndex, callee: Workload, source: Field): Iterable<Finding> {
  for (const [index, owner] of ownersIn(stack, source).entries()) {
    const item = source.at("principals", index);
    if (!mayCall(stack, callee, owner))
      yield item.finding(`${item.text()} is no declared caller of this ${callee.kind}. Remove it.`);
  }
}

export const callersDeclared = rule({
  name: "identity-callers-declared",
  layer: "identity",
  severity: "critical",
  description: "Each workload allows those callers that the graph declares, and no others.",
  why: "A principal too many is a delegation that nobody declared.",
  remediation: ["Remove the principal, or declare the delegation: a tool of type Agent in the caller."],
  subjects: allowRules,
  *check({ view: { workload }, rule }, stack) {
    if (typeof workload !== "object") return;
    for (const source of sources(rule)) yield* undeclared(stack, workload, source);
  },
});
