import { audience } from "../../../topology/token";
import type { Field } from "../../framework/field";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { type AgentView, callees } from "../../reading/agents";
import { checkedAt } from "../../reading/tokens";

function* checks(
  stack: StackIndex,
): Iterable<{ rule: Field; wanted: readonly AgentView[]; exactly: boolean }> {
  for (const agent of callees(stack))
    for (const object of checkedAt(stack, { kind: "agent", agent }))
      for (const rule of object.spec.at("jwtRules").items()) yield { rule, wanted: [agent], exactly: true };
  for (const object of checkedAt(stack, { kind: "gateway" }))
    for (const rule of object.spec.at("jwtRules").items())
      yield { rule, wanted: callees(stack), exactly: false };
}

export const tokenAudience = rule({
  name: "token-audience",
  layer: "token",
  severity: "critical",
  description: "A callee accepts tokens made for itself only; the gateway those made for callees.",
  why: "Without an audience, a callee can pass the token it was shown on to another one (measured: Envoy answers 403 to another audience).",
  remediation: ["Write:", "  audiences: [team-beta.specialist]"],
  subjects: checks,
  *check({ rule, wanted, exactly }) {
    const field = rule.at("audiences");
    const expected = new Set(wanted.map(audience));
    const written = field.texts();
    if (exactly ? written.length !== 1 || !expected.has(written[0] ?? "") : written.length === 0)
      yield field.finding(exactly ? `must be ${[...expected].join(", ")} alone.` : "must list the callees.");
    else
      for (const text of written)
        if (!expected.has(text))
          yield field.finding(`${text} is no agent that others delegate to. Remove it.`);
  },
});
