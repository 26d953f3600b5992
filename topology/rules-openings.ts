/** Settings by which a configuration could open more than the graph says: labels, selectors and addresses. */
import { overlap, parseCidr } from "./addresses";
import { MESH_LABEL } from "./istio";
import { KAGENT_API_GROUP, KAGENT_NAMESPACE } from "./kagent";
import { MANAGED_BY, PROGRAM } from "./labels";
import { asList, asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

/** Labels of these domains, and of those below them, mean something to Kubernetes or to a system of the platform. */
const GOVERNING_DOMAINS = [
  "cert-manager.io",
  "external-secrets.io",
  "gatekeeper.sh",
  "istio.io",
  "k8s.io",
  KAGENT_API_GROUP,
  "kubernetes.io",
  PROGRAM,
];
/** Kubernetes' recommended labels are for people. */
const FREE_DOMAIN = "app.kubernetes.io";

function governs(label: string): boolean {
  if (Object.hasOwn(MANAGED_BY, label) || Object.hasOwn(MESH_LABEL, label)) return true;
  const [domain = ""] = label.includes("/") ? label.split("/") : [];
  const isBelow = (governing: string) => domain === governing || domain.endsWith(`.${governing}`);
  return domain !== FREE_DOMAIN && GOVERNING_DOMAINS.some(isBelow);
}

const isEveryAddress = (cidr: unknown): boolean => typeof cidr === "string" && cidr.endsWith("/0");

function tenantLabelProblems(tenants: Loose): Problem[] {
  return Object.entries(tenants).flatMap(([name, settings]) =>
    Object.keys(asMap(asMap(settings).labels))
      .filter(governs)
      .map((label) => ({
        where: showPath(["tenants", name, "labels", label]),
        what: "this label governs the namespace and is derived.",
        fix: "Remove it.",
      })),
  );
}

const ACCOUNTS_OF = "system:serviceaccounts:";

/**
 * Kubernetes gives the groups that begin with `system:` itself. Of these only the accounts of one namespace that nobody
 * governs, such as that of a deployment tool, can be a team.
 */
function groupProblems(tenants: Loose): Problem[] {
  return Object.entries(tenants).flatMap(([name, settings]) =>
    ["editors", "viewers"].flatMap((role) =>
      asList(asMap(settings)[role]).flatMap((group, index): Problem[] => {
        if (typeof group !== "string" || !group.startsWith("system:")) return [];
        const where = showPath(["tenants", name, role, index]);
        if (!group.startsWith(ACCOUNTS_OF))
          return [
            {
              where,
              what: `${JSON.stringify(group)} is a group that Kubernetes gives itself, and no team.`,
              fix: "Name a group of those who sign in to the cluster.",
            },
          ];
        return governedNamespace(["tenants", name, role, index], group.slice(ACCOUNTS_OF.length), tenants);
      }),
    ),
  );
}

function emptySelector(path: readonly PropertyKey[], labels: unknown): Problem[] {
  if (typeof labels !== "object" || labels === null || Object.keys(labels).length > 0) return [];
  return [
    {
      where: showPath(path),
      what: "is empty, which selects every pod of the namespace.",
      fix: "Write the labels of the pods that are meant.",
    },
  ];
}

function governedNamespace(path: readonly PropertyKey[], namespace: unknown, tenants: Loose): Problem[] {
  if (typeof namespace !== "string" || (namespace !== KAGENT_NAMESPACE && !(namespace in tenants))) return [];
  return [
    {
      where: showPath(path),
      what: `namespace ${JSON.stringify(namespace)} is governed: what goes on in it follows from the graph alone.`,
      fix: "Name a namespace of its own.",
    },
  ];
}

/** A range and where it stands. */
type Located = readonly [cidr: unknown, path: readonly PropertyKey[]];

function clusterRanges(cluster: Loose): Located[] {
  const ranges = ["nodeCIDRs", "podCIDRs", "serviceCIDRs"].map((key) => [cluster[key], [key]] as const);
  return [...ranges, [asMap(cluster.apiServer).cidrs, ["apiServer", "cidrs"]] as const].flatMap(
    ([cidrs, path]) => asList(cidrs).map((cidr, index): Located => [cidr, ["cluster", ...path, index]]),
  );
}

/** Ranges that no agent may reach: of the cluster, and of kagent's database. */
function closedRanges(raw: Loose): Located[] {
  const { cidrs } = asMap(raw.database === "external" ? raw.externalDatabase : {});
  return [
    ...clusterRanges(asMap(raw.cluster)),
    ...asList(cidrs).map((cidr, index): Located => [cidr, ["externalDatabase", "cidrs", index]]),
  ];
}

function closedProblem(path: readonly PropertyKey[], cidr: unknown, closed: readonly Located[]): Problem[] {
  const outside = parseCidr(String(cidr));
  const found = closed.find(([own]) => {
    const inside = parseCidr(String(own));
    return outside !== undefined && inside !== undefined && overlap(outside, inside);
  });
  if (found === undefined) return [];
  return [
    {
      where: showPath(path),
      what: `overlaps ${showPath(found[1])} (${String(found[0])}): agents must not reach it.`,
      fix: "Write the endpoint's own addresses; a model inside the cluster is named by egress.pods.",
    },
  ];
}

function modelProblems(models: Loose, tenants: Loose, closed: readonly Located[]): Problem[] {
  return Object.entries(models).flatMap(([name, settings]) => {
    const path = ["models", name, "egress"];
    const egress = asMap(asMap(settings).egress);
    const pods = asMap(egress.pods);
    const problems = [
      ...emptySelector([...path, "pods", "labels"], pods.labels),
      ...governedNamespace([...path, "pods", "namespace"], pods.namespace, tenants),
    ];
    asList(egress.cidrs).forEach((cidr, index) => {
      if (!isEveryAddress(cidr)) {
        problems.push(...closedProblem([...path, "cidrs", index], cidr, closed));
        return;
      }
      problems.push({
        where: showPath([...path, "cidrs", index]),
        what: "opens every address, inside the cluster too.",
        fix: "Remove it: without cidrs agents reach the public internet and nothing private.",
      });
    });
    const { port = 443 } = egress;
    if (egress.pods === undefined && asList(egress.cidrs).length === 0 && Number(port) !== 443)
      problems.push({
        where: showPath([...path, "port"]),
        what: "opens the public internet on another port than 443.",
        fix: "Write the endpoint's cidrs, or use port 443.",
      });
    if (egress.pods !== undefined && asList(egress.cidrs).length > 0)
      problems.push({
        where: showPath([...path, "pods"]),
        what: "stands beside cidrs, and a model is either inside the cluster or outside.",
        fix: "Remove one of the two.",
      });
    return problems;
  });
}

function clusterProblems(cluster: Loose, tenants: Loose): Problem[] {
  const entries = asList(cluster.entry).flatMap((entry, index) => [
    ...emptySelector(["cluster", "entry", index, "labels"], asMap(entry).labels),
    ...governedNamespace(["cluster", "entry", index, "namespace"], asMap(entry).namespace, tenants),
  ]);
  const dns = asMap(cluster.dns);
  const resolvers = asList(dns.cidrs).map(
    (cidr, index) => [cidr, ["cluster", "dns", "cidrs", index]] as const,
  );
  const everyAddress = [...clusterRanges(cluster), ...resolvers]
    .filter(([cidr]) => isEveryAddress(cidr))
    .map(([, path]) => ({
      where: showPath(path),
      what: "is every address there is.",
      fix: "Write the addresses that are meant, as narrow as they are known.",
    }));
  return [
    ...entries,
    ...everyAddress,
    ...emptySelector(["cluster", "dns", "labels"], dns.labels),
    ...governedNamespace(["cluster", "dns", "namespace"], dns.namespace, tenants),
  ];
}

export function openingProblems(raw: Loose): Problem[] {
  const [tenants, models, cluster] = [asMap(raw.tenants), asMap(raw.models), asMap(raw.cluster)];
  return [
    ...tenantLabelProblems(tenants),
    ...groupProblems(tenants),
    ...modelProblems(models, tenants, closedRanges(raw)),
    ...clusterProblems(cluster, tenants),
  ];
}
