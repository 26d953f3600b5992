/** What service accounts of agents and the groups of a team may do, as the API server itself decides it. */
import { type Agent, kagent, serviceAccountName, type Tenant } from "../../topology/index";
import type { Action, Cluster, Subject } from "../live/cluster";
import { about, type Check, type Finding, fail, forEach, pass } from "./check";

const WRITES = ["create", "update", "patch", "delete"] as const;
const on = (verbs: readonly string[], resource: string, group = ""): Action[] =>
  verbs.map((verb) => ({ verb, resource, group }));

const writesOf = (group: string, ...resources: string[]): Action[] =>
  resources.flatMap((resource) => on(WRITES, resource, group));

/** Calico's own API server, which lets everybody have rights on its policies by name and decides by those on their tiers. */
const CALICO_TIERED = "projectcalico.org";
type Kind = Pick<Action, "group" | "resource" | "name">;
/** By the name that stands for all of the tier of NetworkPolicies: whoever has the right on all names has it too. */
const tiered = <K extends Kind>(kind: K): K =>
  kind.group === CALICO_TIERED && /^(staged)?(global)?networkpolicies$/.test(kind.resource)
    ? { ...kind, resource: `tier.${kind.resource}`, name: "default.*" }
    : kind;
const writesInTier = (resource: string): Action[] => writesOf(CALICO_TIERED, resource).map(tiered);

/** Network policies of other kinds, which let through what NetworkPolicies do not; those of the whole cluster, too. */
const OTHER_POLICIES: readonly Action[] = [
  ...writesOf("cilium.io", "ciliumnetworkpolicies"),
  ...writesOf("crd.projectcalico.org", "networkpolicies"),
  ...writesInTier("networkpolicies"),
];
const CLUSTER_POLICIES: readonly Action[] = [
  ...writesOf("policy.networking.k8s.io", "adminnetworkpolicies", "clusternetworkpolicies"),
  ...writesOf("cilium.io", "ciliumclusterwidenetworkpolicies"),
  ...writesOf("crd.projectcalico.org", "globalnetworkpolicies"),
  ...writesInTier("globalnetworkpolicies"),
];

/** Everything by which an agent could learn a credential, change what governs it, or get into another pod, besides creating. */
const FORBIDDEN_TO_AGENTS: readonly Action[] = [
  ...on(["get", "list", "watch"], "secrets"),
  { verb: "create", resource: "pods", subresource: "exec" },
  { verb: "create", resource: "serviceaccounts", subresource: "token" },
  ...on(["update", "patch", "delete"], "agents", kagent.KAGENT_API_GROUP),
  ...on(["patch", "delete"], "networkpolicies", "networking.k8s.io"),
  ...on(["patch", "delete"], "authorizationpolicies", "security.istio.io"),
  ...OTHER_POLICIES,
];

/** What governs a namespace, and what runs pods in it: a pod may bear any label, an agent's among them. */
const GOVERNING: readonly Action[] = [
  ...writesOf("networking.k8s.io", "networkpolicies"),
  ...OTHER_POLICIES,
  ...writesOf("security.istio.io", "authorizationpolicies", "peerauthentications", "requestauthentications"),
  ...writesOf(
    "networking.istio.io",
    ...["gateways", "virtualservices", "destinationrules", "serviceentries", "sidecars", "envoyfilters"],
  ),
  ...writesOf("rbac.authorization.k8s.io", "rolebindings", "roles"),
  ...writesOf("", "serviceaccounts", "resourcequotas", "services"),
  ...writesOf("apps", "deployments", "statefulsets", "daemonsets", "replicasets"),
  ...writesOf("batch", "jobs", "cronjobs"),
];
/** Besides its own agents and model configurations a team changes nothing, and sees no Secret. */
const FORBIDDEN_TO_TEAMS: readonly Action[] = [
  ...GOVERNING,
  ...on(["get", "list", "watch", "create", "update"], "secrets"),
  { verb: "create", resource: "pods" },
  { verb: "create", resource: "pods", subresource: "exec" },
  { verb: "create", resource: "pods", subresource: "portforward" },
  { verb: "create", resource: "serviceaccounts", subresource: "token" },
];

const show = ({ verb, resource, subresource, group = "" }: Action): string =>
  `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}${group === "" ? "" : `.${group}`}`;

/** One finding: what of it all the subject may do. */
async function mayNothing(
  cluster: Cluster,
  title: string,
  subject: Subject,
  actions: readonly Action[],
): Promise<Finding> {
  const allowed: string[] = [];
  // What an agent may not create is on both of its lists.
  const asked = new Map(
    actions.map((action) => [`${show(action)} ${action.namespace} ${action.name}`, action]),
  );
  for (const action of asked.values()) if (await cluster.may(subject, action)) allowed.push(show(action));
  return allowed.length === 0
    ? pass(title, `none of ${asked.size} rights`)
    : fail(title, `it may ${allowed.join(", ")}; see \`kubectl auth can-i --list --as ${subject.user}\``);
}

function accountOf({ tenant, name }: Agent): Subject {
  return {
    user: `system:serviceaccount:${tenant}:${serviceAccountName(name)}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${tenant}`],
  };
}

const inNamespace = (namespace: string, actions: readonly Action[]): Action[] =>
  actions.map((action) => ({ ...action, namespace }));

const agents: Check = {
  layer: "rbac",
  title: "an agent's service account can read no Secret, change nothing and create nothing",
  run: async ({ topology, cluster }) => {
    const creating = (await cluster.creatable()).map((kind): Action => ({ verb: "create", ...tiered(kind) }));
    return forEach(topology.agents, (agent) =>
      about(agent.id, () =>
        mayNothing(
          cluster,
          `ServiceAccount ${agent.tenant}/${serviceAccountName(agent.name)}`,
          accountOf(agent),
          [...inNamespace(agent.tenant, [...FORBIDDEN_TO_AGENTS, ...creating]), ...CLUSTER_POLICIES],
        ),
      ),
    );
  },
};

/** A member of a group and of nothing else. */
const member = (group: string): Subject => ({ user: "kagent-a2a-verify", groups: [group] });

interface Membership {
  readonly tenant: Tenant;
  readonly group: string;
}
const memberships = (tenants: readonly Tenant[]): Membership[] =>
  tenants.flatMap((tenant) =>
    [...new Set([...tenant.settings.editors, ...tenant.settings.viewers])].map((group) => ({
      tenant,
      group,
    })),
  );

const teams: Check = {
  layer: "rbac",
  title: "a team cannot label its namespace, change policies or read Secrets",
  run: ({ topology, cluster }) =>
    forEach(memberships(topology.tenants), ({ tenant, group }) =>
      about(`group ${group} in ${tenant.name}`, () =>
        mayNothing(cluster, `group ${group} in ${tenant.name}`, member(group), [
          ...inNamespace(tenant.name, FORBIDDEN_TO_TEAMS),
          ...CLUSTER_POLICIES,
          ...["update", "patch", "delete"].map((verb) => ({
            verb,
            resource: "namespaces",
            name: tenant.name,
            namespace: tenant.name,
          })),
        ]),
      ),
    ),
};

/** Without it, a cluster that grants nobody anything would pass. */
const editors: Check = {
  layer: "rbac",
  title: "a team's editors can edit its agents, and no other team's",
  run: ({ topology, cluster }) =>
    forEach(
      topology.tenants.flatMap((tenant) => tenant.settings.editors.map((group) => ({ tenant, group }))),
      ({ tenant, group }) => {
        const subject = `group ${group} in ${tenant.name}`;
        return about(subject, async () => {
          const edit = (namespace: string): Action => ({
            verb: "update",
            resource: "agents",
            group: kagent.KAGENT_API_GROUP,
            namespace,
          });
          if (!(await cluster.may(member(group), edit(tenant.name))))
            return fail(
              subject,
              `it may not update agents: RoleBinding ${tenant.name}/team-editor is gone or changed`,
            );
          const other = topology.tenants.find(
            ({ name, settings }) => name !== tenant.name && !settings.editors.includes(group),
          );
          if (other !== undefined && (await cluster.may(member(group), edit(other.name))))
            return fail(subject, `it may update agents of ${other.name}`);
          return pass(subject);
        });
      },
    ),
};

export const rbac: readonly Check[] = [agents, teams, editors];
