import { CONSUMER_LABEL, PROVIDER_LABEL } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { delegations } from "../../reading/agents";
import { DELEGATION_LABELS } from "../../reading/delegation-labels";
import { CORE } from "../../reading/kinds";
import { tenants } from "../../reading/scope";

/** Namespaces with a caller, and with a callee, of a delegation between namespaces. */
function ends(stack: StackIndex): Readonly<Record<string, ReadonlySet<string>>> {
  const across = delegations(stack).filter(({ caller, callee }) => caller.tenant !== callee.tenant);
  return {
    [CONSUMER_LABEL]: new Set(across.map(({ caller }) => caller.tenant)),
    [PROVIDER_LABEL]: new Set(across.map(({ callee }) => callee.tenant)),
  };
}

export const delegationLabels = rule({
  name: "admission-delegation-labels",
  layer: "admission",
  severity: "high",
  description:
    "Exactly the namespaces with a caller carry the consumer label, and those with a callee the provider label.",
  why: "The label is what admission asks a namespace for before it lets its Agents refer to others.",
  remediation: [
    "Label the Namespace of a caller, and of a callee:",
    `  ${CONSUMER_LABEL}: "true"`,
    `  ${PROVIDER_LABEL}: "true"`,
    "and remove either where no Agent needs it.",
  ],
  subjects: (stack) =>
    stack
      .of(CORE, "Namespace")
      .filter(
        ({ name, root }) =>
          tenants(stack).has(name) ||
          DELEGATION_LABELS.some((label) => root.at("metadata", "labels", label).isPresent),
      ),
  *check(namespace, stack) {
    for (const label of DELEGATION_LABELS) {
      const needed = stack.derive(ends)[label]?.has(namespace.name) === true;
      const field = namespace.at("metadata", "labels", label);
      const text = field.text();
      if (needed && text !== "true")
        yield field.finding('must be "true": an Agent here takes part in a delegation between namespaces.');
      if (!needed && text !== undefined) yield field.finding("no Agent here needs it. Remove it.");
    }
  },
});
