import { rule } from "../../framework/rule";
import { rolesInTenants, rulesOf } from "../../reading/grants";

export const noWildcards = rule({
  name: "rbac-no-wildcards",
  layer: "rbac",
  severity: "critical",
  description:
    "Roles that reach governed namespaces, or tenants where the platform runs, name their verbs, resources and groups.",
  why: "A wildcard gives Secrets, exec and whatever a later API adds.",
  remediation: [
    "List what is needed:",
    "  rules: [{apiGroups: [kagent.dev], resources: [agents], verbs: [get, list, watch]}]",
  ],
  subjects: rolesInTenants,
  *check(role) {
    for (const entry of rulesOf(role))
      for (const key of ["verbs", "resources", "apiGroups"])
        if (
          entry
            .at(key)
            .texts()
            .some((text) => text.includes("*"))
        )
          yield entry.at(key).finding("holds a wildcard. List what is needed.");
    if (role.at("aggregationRule").isPresent)
      yield role.at("aggregationRule").finding("takes in whatever others label so. List the rules.");
  },
});
