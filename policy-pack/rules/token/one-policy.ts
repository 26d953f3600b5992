import { rule } from "../../framework/rule";
import { callees } from "../../reading/agents";
import { allowsOf } from "../../reading/authorization";

export const onePolicy = rule({
  name: "token-one-policy",
  layer: "token",
  severity: "critical",
  description: "Each callee has exactly one AuthorizationPolicy that allows.",
  why: "ALLOW policies are ORed: a second one with the principal alone lets calls in without a token.",
  remediation: ["Put all of the callee's rules into one AuthorizationPolicy."],
  subjects: callees,
  *check(agent, stack) {
    const policies = allowsOf(stack, { kind: "agent", agent });
    if (policies.length === 1) return;
    yield agent.object.root.finding(
      `callee ${agent.id} has ${policies.length} AuthorizationPolicies that allow (${policies.map(({ object }) => object.name).join(", ") || "none"}). Declare exactly one.`,
    );
  },
});
