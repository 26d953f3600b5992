import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import { auditPolicies, deciding, rulesOf } from "../../reading/audit";
import { CALICO, CILIUM, POLICY_API } from "../../reading/kinds";

const WRITES = ["create", "update", "patch", "delete", "deletecollection"] as const;
const WATCHED: readonly (readonly [group: string, resource: string, verbs: readonly string[]])[] = [
  ["", "secrets", ["get", "list", "watch", ...WRITES]],
  ["", "serviceaccounts/token", ["create"]],
  ["", "pods/exec", ["get", "create"]],
  ["", "namespaces", WRITES],
  ["networking.k8s.io", "networkpolicies", WRITES],
  [POLICY_API, "adminnetworkpolicies", WRITES],
  [POLICY_API, "clusternetworkpolicies", WRITES],
  [CILIUM, "ciliumnetworkpolicies", WRITES],
  [CILIUM, "ciliumclusterwidenetworkpolicies", WRITES],
  ...CALICO.flatMap((group) =>
    ["networkpolicies", "globalnetworkpolicies"].map((resource) => [group, resource, WRITES] as const),
  ),
  ["rbac.authorization.k8s.io", "rolebindings", WRITES],
  ["rbac.authorization.k8s.io", "clusterrolebindings", WRITES],
  ["security.istio.io", "authorizationpolicies", WRITES],
  ["security.istio.io", "peerauthentications", WRITES],
  ["security.istio.io", "requestauthentications", WRITES],
  ["admissionregistration.k8s.io", "validatingadmissionpolicies", WRITES],
  ["admissionregistration.k8s.io", "validatingadmissionpolicybindings", WRITES],
  ["admissionregistration.k8s.io", "validatingwebhookconfigurations", WRITES],
  ["constraints.gatekeeper.sh", "kagenta2aagents", WRITES],
  ["templates.gatekeeper.sh", "constrainttemplates", WRITES],
];
/** Without this stage a request that was answered is not logged. */
const ANSWERED = "ResponseComplete";
/** Parts of the control plane, whose own reads may be left out. */
const CONTROL_PLANE = /^system:(kube-|apiserver$|node)/;

const READS: readonly string[] = ["get", "list", "watch"];

function* stages(omitted: Field): Iterable<Finding> {
  if (omitted.texts().includes(ANSWERED))
    yield omitted.finding(`leaves out ${ANSWERED}: nothing that was answered is logged. Remove it.`);
}

/** Whether a rule logs nothing of what others than the control plane do. */
function isBlind(rule: Field, verb: string): boolean {
  if (rule.at("level").text() !== "None") return false;
  const users = rule.at("users").texts();
  return !(users.length > 0 && users.every((user) => CONTROL_PLANE.test(user)) && READS.includes(verb));
}

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
    yield* stages(policy.at("omitStages"));
    for (const entry of rulesOf(policy)) yield* stages(entry.at("omitStages"));
    const leftOut = new Map<string, { readonly field: Field; readonly resources: Set<string> }>();
    for (const [group, resource, verbs] of WATCHED)
      for (const verb of verbs) {
        const rules = deciding(policy, { group, resource, verb });
        const blind =
          rules.length === 0 ? [policy.at("rules")] : rules.filter((found) => isBlind(found, verb));
        for (const field of blind) {
          const known = leftOut.get(field.path) ?? { field, resources: new Set() };
          leftOut.set(field.path, known);
          known.resources.add(resource);
        }
      }
    for (const { field, resources } of leftOut.values())
      yield field.finding(
        `leaves out requests for ${[...resources].join(", ")}. Log all of them at Metadata, before a rule with None and at the end.`,
      );
  },
});
