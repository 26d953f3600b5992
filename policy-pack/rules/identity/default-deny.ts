import { rule } from "../../framework/rule";
import { authorization } from "../../reading/authorization";
import { ISTIO_SECURITY } from "../../reading/kinds";
import { governedNamespaces } from "../../reading/scope";

export const defaultDeny = rule({
  name: "identity-default-deny",
  layer: "identity",
  severity: "critical",
  description: "Each governed namespace allows no call by default.",
  why: "A workload without an ALLOW policy accepts every call of the mesh: the first one makes all others denied (Istio 1.31).",
  remediation: [
    "Declare in the namespace a policy without selector and without rules:",
    "  apiVersion: security.istio.io/v1",
    "  kind: AuthorizationPolicy",
    "  metadata: {name: allow-nothing, namespace: team-alpha}",
    "  spec: {}",
  ],
  subjects: governedNamespaces,
  *check({ name, object }, stack) {
    const denies = stack
      .in(ISTIO_SECURITY, "AuthorizationPolicy", name)
      .map((policy) => authorization(stack, policy))
      .some(({ action, workload, rules }) => action === "ALLOW" && workload === "all" && rules.length === 0);
    if (!denies)
      yield object.root.finding(
        `namespace ${name} has no AuthorizationPolicy that allows nothing by default. Declare allow-nothing there.`,
      );
  },
});
