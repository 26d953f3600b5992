import { rule } from "../../framework/rule";
import { admissionPolicies, digest, REVIEWED } from "../../reading/admission";

export const reviewedSource = rule({
  name: "admission-reviewed-source",
  layer: "admission",
  severity: "critical",
  description: "The CEL of admission policies is one that was reviewed.",
  why: "One loosened expression among dozens lets a team edit its Agent out of every other layer, and no rule can tell what CEL means.",
  remediation: [
    "Restore the expressions. If the change is meant, have it reviewed and record it:",
    "  npm run policies:review",
  ],
  subjects: admissionPolicies,
  *check({ role, cel }) {
    if (!REVIEWED[role].includes(digest(cel)))
      yield cel.finding(
        `the expressions are none that were reviewed for ${role}. Restore them, or review and record them.`,
      );
  },
});
