import { rule } from "../../framework/rule";
import { auditPolicies, LEVELS, rulesOf } from "../../reading/audit";

const NARROW = ["users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs"] as const;

export const specificFirst = rule({
  name: "audit-specific-first",
  layer: "audit",
  severity: "medium",
  description:
    "The audit rule that matches everything is the last one, and each rule has a level that exists.",
  why: "The first match decides: rules behind a catch-all are never asked.",
  remediation: [
    "Move the rule without users, verbs, resources, namespaces and nonResourceURLs to the end:",
    "  - level: Metadata",
  ],
  subjects: auditPolicies,
  *check(policy) {
    const rules = rulesOf(policy);
    if (rules.length === 0) yield policy.at("rules").finding("holds no rule: nothing is logged.");
    for (const [index, entry] of rules.entries()) {
      if (!LEVELS.some((level) => level === entry.at("level").text()))
        yield entry.at("level").finding(`must be one of ${LEVELS.join(", ")}.`);
      const isCatchAll = NARROW.every((key) => entry.at(key).items().length === 0);
      if (isCatchAll && index < rules.length - 1)
        yield entry.finding("matches everything, and rules follow it. Move it to the end.");
    }
  },
});
