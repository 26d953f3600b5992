import { rule } from "../../framework/rule";
import { networkPolicies } from "../../reading/flows";
import { selected } from "../../reading/workloads";

export const selectorsBound = rule({
  name: "network-selectors-bound",
  layer: "network",
  severity: "high",
  description:
    "NetworkPolicies of governed namespaces select all pods, or exactly one workload of the stack.",
  why: "A selector that matches no pod protects none; `app.kubernetes.io/name: kagent` matches controller, UI and database alike.",
  remediation: [
    "Select an agent by the labels of its Deployment, which nobody can override:",
    "  podSelector: {matchLabels: {app: kagent, kagent: specialist}}",
  ],
  subjects: networkPolicies,
  *check(policy, stack) {
    const field = policy.spec.at("podSelector");
    if (selected(stack, policy.namespace, field) === undefined)
      yield field.finding(
        "selects no workload of this stack. Use the workload's own labels, all of them and no others.",
      );
  },
});
