/**
 * The ends of connections that a proof is about: every governed pod, every pod and address they have to do with, pods that
 * nobody declared inside the governed namespaces, rogue pods elsewhere that bear every governed pod's labels, a pod of each kind
 * that a selector speaks of, one in every other namespace that is there, and one address of every class that the policies tell apart.
 */
import { type Agent, agentId, istio, kagent, type Topology } from "../../topology/index";
import { intervalOf, showAddress } from "./addresses";
import type { Endpoint } from "./network";
import { type Labels, Objects, push } from "./objects";
import { outsideAddresses } from "./reach";
import { ROGUE_NAMESPACE, type SpokenPod, spokenOf } from "./selected";

export type Role =
  | "agent"
  | "gateway"
  | kagent.KagentComponent
  /** In a governed namespace, and declared by nobody. */
  | "undeclared pod"
  | "platform pod"
  /** In a namespace of its own. */
  | "rogue pod"
  | "address";

export interface End extends Endpoint {
  readonly role: Role;
  /** For people: `team-alpha/orchestrator`, `kagent/controller`, an address. */
  readonly name: string;
  /** Whether it stands in a governed namespace. */
  readonly isGoverned: boolean;
  readonly agent?: Agent;
}

const DEFAULT_POD_RANGE = "10.244.0.0/16";

type Unplaced = Omit<End, "address"> & {
  /** Labels by which policies know it, whatever else it bears; undefined for one that nobody declared. */
  readonly knownBy?: Labels;
};
const pod = (role: Role, name: string, namespace: string, labels: Labels, isGoverned: boolean): Unplaced => ({
  role,
  name,
  isGoverned,
  pod: { namespace, labels },
  ...(role !== "undeclared pod" && role !== "rogue pod" && { knownBy: labels }),
});

const COMPONENTS: readonly kagent.KagentComponent[] = ["controller", "ui", "database"];

function governedPods({ tenants, agents, routing }: Topology): Unplaced[] {
  const home = kagent.KAGENT_NAMESPACE;
  return [
    ...agents.map((agent) => ({
      ...pod("agent", agent.id, agent.tenant, kagent.runningAgentLabels(agent.name), true),
      knownBy: kagent.agentPodLabels(agent.name),
      agent,
    })),
    ...(routing === "gateway"
      ? [
          pod(
            "gateway",
            agentId({ tenant: home, name: istio.GATEWAY_NAME }),
            home,
            istio.GATEWAY_LABELS,
            true,
          ),
        ]
      : []),
    ...COMPONENTS.map((name) => pod(name, `${home}/${name}`, home, kagent.kagentPodLabels(name), true)),
    pod("undeclared pod", `${home}/(undeclared)`, home, {}, true),
    pod("undeclared pod", `${home}/(half labelled)`, home, { "app.kubernetes.io/name": "kagent" }, true),
    ...tenants.flatMap(({ name }) => [
      pod("undeclared pod", `${name}/(undeclared)`, name, {}, true),
      pod("undeclared pod", `${name}/(half labelled)`, name, { app: "kagent" }, true),
    ]),
  ];
}

function platformPods({ cluster, tenants }: Topology): Unplaced[] {
  const models = new Map(tenants.flatMap(({ models }) => models.map((model) => [model.name, model])));
  const named: [string, string, Labels][] = [
    ["DNS", cluster.dns.namespace, cluster.dns.labels],
    ["istiod", istio.ISTIO_NAMESPACE, istio.ISTIOD_LABELS],
    ...cluster.entry.map(({ namespace, labels }): [string, string, Labels] => ["entry", namespace, labels]),
    ...[...models.values()].flatMap(({ name, settings }): [string, string, Labels][] => {
      const { pods } = settings.egress;
      return pods === undefined ? [] : [[`model ${name}`, pods.namespace, pods.labels]];
    }),
  ];
  return named.map(([name, namespace, labels]) => pod("platform pod", name, namespace, labels, false));
}

function rogues(governed: readonly Unplaced[], platform: readonly Unplaced[]): Unplaced[] {
  const worn = new Map(
    [...governed, ...platform].map((end) => [JSON.stringify(end.pod?.labels), end.pod?.labels ?? {}]),
  );
  return [...worn.values()].map((labels) =>
    pod("rogue pod", `rogue ${JSON.stringify(labels)}`, ROGUE_NAMESPACE, labels, false),
  );
}

/** Pods of nobody: those that selectors speak of, and one in every namespace that is there and that nobody governs. */
function strangers(
  ends: readonly Unplaced[],
  spoken: readonly SpokenPod[],
  ungoverned: readonly string[],
): Unplaced[] {
  const byNamespace = new Map<string, Unplaced[]>();
  for (const end of ends) push(byNamespace, end.pod?.namespace ?? "", end);
  const has = (labels: Labels, wanted: Labels): boolean =>
    Object.entries(wanted).every(([key, value]) => labels[key] === value);
  // What bears the labels by which policies know an end is that end.
  const isKnown = ({ namespace, labels }: SpokenPod): boolean =>
    (byNamespace.get(namespace) ?? []).some(({ knownBy }) => knownBy !== undefined && has(labels, knownBy));
  const inEach = ungoverned.map((namespace): SpokenPod => ({ namespace, labels: {}, isSubject: false }));
  return [...spoken, ...inEach]
    .filter((one) => !isKnown(one))
    .map(({ namespace, labels, isSubject }): Unplaced => {
      const name = `${namespace}/(pods with ${JSON.stringify(labels)})`;
      return isSubject
        ? pod("undeclared pod", name, namespace, labels, true)
        : {
            ...pod("rogue pod", name, namespace, labels, false),
            pod: { namespace, labels, isOpen: true },
          };
    });
}

/** CIDRs that the configuration itself names, so that no class of addresses joins what the graph tells apart. */
export function declaredCidrs({ cluster, tenants, externalDatabase }: Topology): string[] {
  return [
    ...cluster.apiServer.cidrs,
    ...cluster.nodeCIDRs,
    ...cluster.podCIDRs,
    ...cluster.serviceCIDRs,
    ...cluster.dns.cidrs,
    ...(externalDatabase?.cidrs ?? []),
    ...tenants.flatMap(({ models }) => models.flatMap(({ settings }) => settings.egress.cidrs)),
  ];
}

export interface Survey {
  readonly ends: readonly End[];
  /** With the namespaces of all ends. */
  readonly objects: Objects;
}

/** @param besides CIDRs that classes of addresses are to tell apart too */
export function survey(topology: Topology, given: Objects, besides: readonly string[]): Survey {
  const governed = governedPods(topology);
  const platform = platformPods(topology);
  const declared = [...governed, ...platform, ...rogues(governed, platform)];
  const tenants = new Set(topology.tenants.map(({ name }) => name));
  const isGoverned = (namespace: string | undefined): boolean =>
    namespace === kagent.KAGENT_NAMESPACE || tenants.has(namespace ?? "");
  const { pods, namespaces } = spokenOf(
    given.filter(({ kind, metadata }) => kind === "Namespace" || isGoverned(metadata.namespace)),
  );
  const ungoverned = given
    .all("Namespace")
    .map(({ metadata }): string => metadata.name)
    .filter((name) => !isGoverned(name));
  const range = intervalOf(topology.cluster.podCIDRs[0] ?? DEFAULT_POD_RANGE);
  const size = range.last - range.first + 1n;
  const placed = [...declared, ...strangers(declared, pods, ungoverned)].map(
    ({ knownBy: _known, ...end }, index) => ({
      ...end,
      address: showAddress(range.family, range.first + (BigInt(index + 1) % size)),
    }),
  );
  const cidrs = [...declaredCidrs(topology), ...besides];
  const addresses = outsideAddresses(given, cidrs).map(
    (address): End => ({ role: "address", name: address, address, isGoverned: false }),
  );
  return { ends: [...placed, ...addresses], objects: new Objects([...given.manifests, ...namespaces]) };
}
