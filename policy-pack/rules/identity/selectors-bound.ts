import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { authorization, authorizations } from "../../reading/authorization";
import { ISTIO_SECURITY } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";
import { selected } from "../../reading/workloads";

function* subjects(stack: StackIndex) {
  yield* authorizations(stack);
  yield* inGoverned(stack, ISTIO_SECURITY, "RequestAuthentication");
}

export const selectorsBound = rule({
  name: "identity-selectors-bound",
  layer: "identity",
  severity: "critical",
  description:
    "Policies of governed namespaces select exactly one workload of the stack; only those that allow nothing select all.",
  why: "A policy whose selector matches nothing protects nothing, and one without a selector allows its callers everywhere in the namespace.",
  remediation: [
    "Select the workload by its own labels:",
    "  selector: {matchLabels: {app: kagent, kagent: specialist}}",
  ],
  subjects,
  *check(object, stack) {
    const field = object.spec.at("selector");
    if (object.kind === "RequestAuthentication") {
      const workload = selected(stack, object.namespace, field);
      if (workload === undefined || object.spec.at("targetRefs").isPresent)
        yield field.finding("selects no workload of this stack. Use its own labels.");
      else if (workload === "all")
        yield field.finding("is missing: its keys hold for every workload of the namespace. Select one.");
      return;
    }
    const { workload, action, rules } = authorization(stack, object);
    if (workload === undefined) yield field.finding("selects no workload of this stack. Use its own labels.");
    if (workload === "all" && action === "ALLOW" && rules.length > 0)
      yield field.finding("is missing: the rules hold for every workload of the namespace. Select one.");
    if (!["ALLOW", "DENY", "AUDIT"].includes(action))
      yield object.spec.at("action").finding("must be ALLOW, DENY or AUDIT.");
  },
});
