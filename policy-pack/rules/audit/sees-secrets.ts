import { rule } from "../../framework/rule";
import { auditPolicies, deciding } from "../../reading/audit";

const WATCHED: readonly (readonly [string, string, string])[] = [
  ["", "secrets", "get"],
  ["", "secrets", "create"],
  ["", "serviceaccounts/token", "create"],
  ["", "pods/exec", "create"],
  ["networking.k8s.io", "networkpolicies", "delete"],
  ["rbac.authorization.k8s.io", "rolebindings", "create"],
  ["security.istio.io", "authorizationpolicies", "delete"],
  ["admissionregistration.k8s.io", "validatingadmissionpolicybindings", "delete"],
];
/** Parts of the control plane, whose own reads may be left out. */
const CONTROL_PLANE = /^system:(kube-|apiserver$|node)/;

export const seesSecrets = rule({
  name: "audit-sees-secrets",
  layer: "audit",
  severity: "high",
  description:
    "Reads and writes of Secrets, ways into pods, and changes of what governs are logged, whoever makes them.",
  why: "What is not logged can be denied: who read a token, entered a pod, or lifted a policy.",
  remediation: [
    "Remove the rule with level None, or let it name users of the control plane and verbs get, list and watch only.",
  ],
  subjects: auditPolicies,
  *check(policy) {
    for (const [group, resource, verb] of WATCHED) {
      const rules = deciding(policy, { group, resource, verb });
      if (rules.length === 0)
        yield policy.at("rules").finding(`no rule logs ${verb} of ${resource}. End with level Metadata.`);
      for (const found of rules) {
        if (found.at("level").text() !== "None") continue;
        const users = found.at("users").texts();
        const isOwn = users.length > 0 && users.every((user) => CONTROL_PLANE.test(user)) && verb === "get";
        if (!isOwn) yield found.finding(`leaves out ${verb} of ${resource}. Remove or narrow the rule.`);
      }
    }
  },
});
