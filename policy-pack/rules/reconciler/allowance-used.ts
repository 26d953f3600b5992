import { rule } from "../../framework/rule";
import { callersOf } from "../../reading/agents";
import { allowed, selecting } from "../../reading/allowances";

export const allowanceUsed = rule({
  name: "reconciler-allowance-used",
  layer: "reconciler",
  severity: "high",
  description: "Each namespace that an Agent allows holds a caller of it.",
  why: "An allowance without a caller is a delegation that nobody declared, waiting for one.",
  remediation: [
    "Remove the namespace from values below spec.allowedNamespaces.selector, or write from: Same.",
  ],
  subjects: selecting,
  *check(agent, stack) {
    const used = new Set(callersOf(stack, agent.id).map(({ tenant }) => tenant));
    for (const namespace of allowed(agent) ?? [])
      if (!used.has(namespace))
        yield agent.object
          .at("spec", "allowedNamespaces", "selector")
          .finding(`allows namespace ${namespace}, where no Agent has it as a tool. Remove it.`);
  },
});
