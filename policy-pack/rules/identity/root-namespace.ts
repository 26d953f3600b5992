import { GATEWAY_NAME, ISTIO_NAMESPACE } from "../../../topology/istio";
import { agentPodLabels } from "../../../topology/kagent";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { ISTIO_SECURITY } from "../../reading/kinds";

/** Values of `app` and `istio` that workloads of governed namespaces carry; nobody there can take on others. */
const GOVERNED_VALUES: readonly (readonly [label: string, values: readonly (string | undefined)[]])[] = [
  ["app", [agentPodLabels("").app, GATEWAY_NAME]],
  ["istio", [GATEWAY_NAME]],
];

/** Whether a policy of the root namespace may hold for a governed workload: its selector looks into every namespace. */
function mayReachGoverned({ spec }: StackObject): boolean {
  // Names a Gateway API gateway, and governed namespaces have none.
  if (spec.at("targetRefs").items().length > 0) return false;
  const labels = spec.at("selector", "matchLabels").textMap();
  return !GOVERNED_VALUES.some(([label, values]) => labels.has(label) && !values.includes(labels.get(label)));
}

const inRoot = (stack: StackIndex): readonly StackObject[] =>
  ["AuthorizationPolicy", "RequestAuthentication"].flatMap((kind) =>
    stack.in(ISTIO_SECURITY, kind, ISTIO_NAMESPACE),
  );

export const rootNamespace = rule({
  name: "identity-root-namespace",
  layer: "identity",
  severity: "critical",
  description:
    "Policies in the mesh's root namespace neither allow calls to governed workloads nor accept tokens for them.",
  why: "What stands in the root namespace holds in every namespace, and ALLOW policies are ORed: one there voids principal, token and audience everywhere (Istio 1.31).",
  remediation: [
    "Remove the policy, or select the pods that are meant by a value of `app` or `istio` that is not kagent's:",
    "  selector: {matchLabels: {istio: ingressgateway}}",
  ],
  subjects: inRoot,
  *check(object) {
    if (!mayReachGoverned(object)) return;
    if (object.kind === "RequestAuthentication")
      yield object.root.finding("accepts tokens for every workload of the mesh. Select its own workload.");
    else if (
      (object.spec.at("action").text() ?? "ALLOW") === "ALLOW" &&
      object.spec.at("rules").items().length > 0
    )
      yield object.root.finding(
        "allows calls to every workload of the mesh, beside what each allows. Select its own workload.",
      );
  },
});
