import { KAGENT_API_GROUP } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import { auditPolicies, deciding } from "../../reading/audit";

export const kagentBodies = rule({
  name: "audit-kagent-bodies",
  layer: "audit",
  severity: "high",
  description: "Changes of kagent's resources are logged whole, request and answer.",
  why: "A delegation is a field of an Agent: who added it, and when, can only be told from the body.",
  remediation: [
    "Write before any rule that matches more:",
    "  - level: RequestResponse",
    "    verbs: [create, update, patch, delete, deletecollection]",
    "    resources: [{group: kagent.dev}]",
  ],
  subjects: auditPolicies,
  *check(policy) {
    for (const resource of ["agents", "modelconfigs", "remotemcpservers"])
      for (const verb of ["create", "update", "patch", "delete", "deletecollection"]) {
        const rules = deciding(policy, { group: KAGENT_API_GROUP, resource, verb });
        if (rules.length === 0)
          yield policy
            .at("rules")
            .finding(`no rule logs ${verb} of ${resource}. Write one at RequestResponse.`);
        for (const found of rules)
          if (found.at("level").text() !== "RequestResponse")
            yield found
              .at("level")
              .finding(
                `${verb} of ${resource} is not logged whole. Write RequestResponse, or put such a rule before it.`,
              );
      }
  },
});
