import { KAGENT_API_GROUP } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import { rolesInTenants, rulesOf } from "../../reading/grants";
import { mintsForStore } from "../../reading/stores";

const READS = new Set(["get", "list", "watch"]);
/** What a team may change: what admission looks at. Everything else of the namespace is derived. */
const WRITABLE = new Set(["agents", "modelconfigs"]);

export const tenantWrites = rule({
  name: "rbac-tenant-writes",
  layer: "rbac",
  severity: "critical",
  description:
    "Roles that reach governed namespaces, or tenants where the platform runs, change Agents and ModelConfigs, and nothing else.",
  why: "Who may create a pod may run it as any service account and mount any Secret; who may change a NetworkPolicy or an AuthorizationPolicy lifts the layers off.",
  remediation: [
    "Keep create, update, patch and delete to:",
    "  {apiGroups: [kagent.dev], resources: [agents, modelconfigs]}",
    "and give only get, list and watch on the rest.",
  ],
  subjects: rolesInTenants,
  *check(role, stack) {
    for (const entry of rulesOf(role)) {
      if (mintsForStore(stack, role, entry)) continue;
      const writes = entry
        .at("verbs")
        .texts()
        .some((verb) => !READS.has(verb));
      if (!writes) continue;
      const groups = entry.at("apiGroups").texts();
      const resources = entry.at("resources").texts();
      const isOwn =
        groups.every((group) => group === KAGENT_API_GROUP) && resources.every((name) => WRITABLE.has(name));
      if (!isOwn || groups.length === 0)
        yield entry.finding("changes more than Agents and ModelConfigs. Keep get, list and watch.");
    }
  },
});
