import { rule } from "../../framework/rule";
import { auditPolicies, deciding, logsBodies } from "../../reading/audit";

const SENSITIVE: readonly (readonly [string, string, readonly string[]])[] = [
  ["", "secrets", ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]],
  ["", "configmaps", ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]],
  ["", "serviceaccounts/token", ["create"]],
  ["authentication.k8s.io", "tokenreviews", ["create"]],
];

export const noSecretBodies = rule({
  name: "audit-no-secret-bodies",
  layer: "audit",
  severity: "critical",
  description: "No audit rule logs the bodies of Secrets, ConfigMaps, minted tokens or token reviews.",
  why: "The log then holds every credential of the cluster, and is read by people who may not read Secrets.",
  remediation: [
    "Write as the first rule:",
    "  - level: Metadata",
    "    resources: [{group: '', resources: [secrets, configmaps, serviceaccounts/token]}, {group: authentication.k8s.io, resources: [tokenreviews]}]",
  ],
  subjects: auditPolicies,
  *check(policy) {
    for (const [group, resource, verbs] of SENSITIVE)
      for (const verb of verbs)
        for (const found of deciding(policy, { group, resource, verb }))
          if (logsBodies(found))
            yield found.finding(`logs the bodies of ${resource}. Put a Metadata rule for them before it.`);
  },
});
