/** Settings by which a configuration could open more than the graph says: labels, selectors and addresses. */
import { CONSUMER_LABEL, KAGENT_NAMESPACE, PROVIDER_LABEL } from "./kagent";
import { TENANT_LABEL } from "./labels";
import { asList, asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

const GOVERNING_LABELS = [CONSUMER_LABEL, PROVIDER_LABEL, TENANT_LABEL];
const isIstioKey = (key: string): boolean =>
  key.includes("istio.io") || key.startsWith("istio-") || key === "istio";
const isEveryAddress = (cidr: unknown): boolean => typeof cidr === "string" && cidr.endsWith("/0");
const governs = (label: string): boolean =>
  GOVERNING_LABELS.includes(label) || label.startsWith("pod-security.kubernetes.io/") || isIstioKey(label);

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

/** Labels that the Deployment selects by, and everything by which a pod could leave the mesh. */
function podMetadataProblems(agents: Loose): Problem[] {
  return Object.entries(agents).flatMap(([id, settings]) => {
    const deployment = asMap(asMap(asMap(asMap(settings).spec).declarative).deployment);
    return (["labels", "annotations"] as const).flatMap((field) =>
      Object.keys(asMap(deployment[field]))
        .filter((key) => isIstioKey(key) || (field === "labels" && ["app", "kagent"].includes(key)))
        .map((key) => ({
          where: showPath(["agents", id, "spec", "declarative", "deployment", field, key]),
          what: "selects the agent's pods or takes them out of the mesh.",
          fix: "Remove it; admission refuses it in a tenant.",
        })),
    );
  });
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

function modelProblems(models: Loose, tenants: Loose): Problem[] {
  return Object.entries(models).flatMap(([name, settings]) => {
    const path = ["models", name, "egress"];
    const egress = asMap(asMap(settings).egress);
    const pods = asMap(egress.pods);
    const problems = [
      ...emptySelector([...path, "pods", "labels"], pods.labels),
      ...governedNamespace([...path, "pods", "namespace"], pods.namespace, tenants),
    ];
    asList(egress.cidrs).forEach((cidr, index) => {
      if (!isEveryAddress(cidr)) return;
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
  const ranges = ["nodeCIDRs", "podCIDRs", "serviceCIDRs"].map((key) => [[key], cluster[key]] as const);
  const everyAddress = [
    ...ranges,
    [["apiServer", "cidrs"], asMap(cluster.apiServer).cidrs] as const,
    [["dns", "cidrs"], dns.cidrs] as const,
  ].flatMap(([path, cidrs]) =>
    asList(cidrs).flatMap((cidr, index) =>
      isEveryAddress(cidr)
        ? [
            {
              where: showPath(["cluster", ...path, index]),
              what: "is every address there is.",
              fix: "Write the addresses that are meant, as narrow as they are known.",
            },
          ]
        : [],
    ),
  );
  return [
    ...entries,
    ...everyAddress,
    ...emptySelector(["cluster", "dns", "labels"], dns.labels),
    ...governedNamespace(["cluster", "dns", "namespace"], dns.namespace, tenants),
  ];
}

export function openingProblems(raw: Loose): Problem[] {
  const [tenants, agents, models] = [asMap(raw.tenants), asMap(raw.agents), asMap(raw.models)];
  return [
    ...tenantLabelProblems(tenants),
    ...podMetadataProblems(agents),
    ...modelProblems(models, tenants),
    ...clusterProblems(asMap(raw.cluster), tenants),
  ];
}
