import { rule } from "../../framework/rule";
import { rolesInTenants, rulesOf } from "../../reading/grants";
import { mintsForStore } from "../../reading/stores";

const RESOURCES = new Set([
  "secrets",
  "pods/exec",
  "pods/attach",
  "pods/portforward",
  "pods/proxy",
  "pods/ephemeralcontainers",
  "services/proxy",
  "nodes/proxy",
  "serviceaccounts/token",
]);
const VERBS = new Set(["escalate", "bind", "impersonate"]);

export const noSensitiveAccess = rule({
  name: "rbac-no-sensitive-access",
  layer: "rbac",
  severity: "critical",
  description:
    "No role that reaches a governed namespace, or a tenant where the platform runs, reads Secrets, enters pods, mints tokens, or raises its own rights.",
  why: "Secrets hold delegation tokens and API keys; whoever enters a pod holds them too, and has its identity in the mesh.",
  remediation: [
    "Remove secrets, pods/exec, pods/attach, pods/portforward, pods/proxy, pods/ephemeralcontainers, services/proxy and serviceaccounts/token from resources,",
    "and escalate, bind and impersonate from verbs. External Secrets alone may mint tokens, of its store's own service account.",
  ],
  subjects: rolesInTenants,
  *check(role, stack) {
    for (const entry of rulesOf(role)) {
      if (mintsForStore(stack, role, entry)) continue;
      for (const item of entry.at("resources").items())
        if (RESOURCES.has(item.text() ?? "")) yield item.finding("is not for tenants. Remove it.");
      for (const item of entry.at("verbs").items())
        if (VERBS.has(item.text() ?? "")) yield item.finding("raises the holder's own rights. Remove it.");
    }
  },
});
