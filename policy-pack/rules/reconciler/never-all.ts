import { rule } from "../../framework/rule";
import { agents } from "../../reading/agents";

export const neverAll = rule({
  name: "reconciler-never-all",
  layer: "reconciler",
  severity: "critical",
  description: "No Agent lets every namespace refer to it.",
  why: "`from: All` lets any team on the cluster make the agent its tool.",
  remediation: [
    "Write Same, or the callers' namespaces:",
    "  allowedNamespaces: {from: Selector, selector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [team-alpha]}]}}",
  ],
  subjects: agents,
  *check({ object }) {
    const from = object.at("spec", "allowedNamespaces", "from");
    const text = from.text();
    if (text !== undefined && text !== "Same" && text !== "Selector")
      yield from.finding("must be Same or Selector.");
  },
});
