import { rule } from "../../framework/rule";
import { CORE } from "../../reading/kinds";
import { inTenants } from "../../reading/scope";

export const noAutomount = rule({
  name: "rbac-no-automount",
  layer: "rbac",
  severity: "high",
  description: "Service accounts of tenants mount no token of the Kubernetes API.",
  why: "Agents never call the Kubernetes API (kagent 0.10): a token in the pod only helps whoever takes the pod over.",
  remediation: ["Write on the ServiceAccount:", "  automountServiceAccountToken: false"],
  subjects: (stack) => inTenants(stack, CORE, "ServiceAccount"),
  *check(account) {
    const field = account.at("automountServiceAccountToken");
    if (field.flag() !== false) yield field.finding("must be false.");
  },
});
