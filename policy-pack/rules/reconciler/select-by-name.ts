import { NAMESPACE_NAME_LABEL } from "../../../topology/labels";
import { rule } from "../../framework/rule";
import { allowed, selecting } from "../../reading/allowances";

export const selectByName = rule({
  name: "reconciler-select-by-name",
  layer: "reconciler",
  severity: "critical",
  description: `Agents select the namespaces of their callers by ${NAMESPACE_NAME_LABEL} alone.`,
  why: "Any other label can be granted to oneself by whoever may label a namespace; the API server sets this one and refuses other values.",
  remediation: [
    "Write:",
    `  selector: {matchExpressions: [{key: ${NAMESPACE_NAME_LABEL}, operator: In, values: [team-alpha]}]}`,
  ],
  subjects: selecting,
  *check(agent) {
    const selector = agent.object.at("spec", "allowedNamespaces", "selector");
    const names = allowed(agent);
    if (names === undefined) yield selector.finding(`must be one In expression on ${NAMESPACE_NAME_LABEL}.`);
    else if (names.length === 0) yield selector.finding("lists no namespace. Write from: Same.");
  },
});
