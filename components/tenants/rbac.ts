/** Who may do what in a tenant's namespace: the team's groups, and its agents (nothing). */
import { kagent, MANAGED_BY, serviceAccountName, type Tenant, type Topology } from "../../topology/index";
import type { Manifest, Planned } from "../plan/manifest";

const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch", "delete"];

/** What a team sees of its own namespace. No Secrets: they hold tokens and API keys. */
const VIEW_RULES = [
  { apiGroups: [kagent.KAGENT_API_GROUP], resources: ["agents", "modelconfigs"], verbs: READ },
  { apiGroups: [""], resources: ["pods", "pods/log", "events", "services"], verbs: READ },
  { apiGroups: ["apps"], resources: ["deployments", "replicasets"], verbs: READ },
];
const EDIT_RULES = [
  { apiGroups: [kagent.KAGENT_API_GROUP], resources: ["agents", "modelconfigs"], verbs: WRITE },
  ...VIEW_RULES,
];

function grant(
  tenant: string,
  role: string,
  rules: readonly unknown[],
  groups: readonly string[],
): Manifest[] {
  if (groups.length === 0) return [];
  const metadata = { name: role, namespace: tenant, labels: MANAGED_BY };
  return [
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role },
      subjects: [...groups]
        .sort()
        .map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name })),
    },
  ];
}

function teamRbac({ name, settings }: Tenant): Planned[] {
  const manifests = [
    ...grant(name, "team-editor", EDIT_RULES, settings.editors),
    ...grant(name, "team-viewer", VIEW_RULES, settings.viewers),
  ];
  return manifests.map((manifest) => ({ layer: "rbac", tenant: name, manifest }));
}

/** Agents never call the Kubernetes API: an account for the mesh to name them by, without a token and without a Role. */
function agentServiceAccounts({ name: tenant, agents }: Tenant): Planned[] {
  return agents.map((agent) => ({
    layer: "rbac",
    tenant,
    agent: agent.id,
    manifest: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: serviceAccountName(agent.name), namespace: tenant, labels: MANAGED_BY },
      automountServiceAccountToken: false,
    },
  }));
}

export function tenantRbac({ tenants }: Topology): Planned[] {
  return tenants.flatMap((tenant) => [...teamRbac(tenant), ...agentServiceAccounts(tenant)]);
}
