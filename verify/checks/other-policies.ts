/**
 * Network policies of other kinds than Kubernetes' own: what they allow is let through though no NetworkPolicy allows it.
 * Left out is what cannot do so. BaselineAdminNetworkPolicy, and the Baseline tier of ClusterNetworkPolicy, count for pods that no
 * NetworkPolicy selects, and default-deny selects each governed one. Calico's staged policies are not in force.
 */
import { CannotRun } from "../errors";
import type { Cluster } from "../live/cluster";
import type { Doc, Objects } from "../static/objects";
import {
  type Answer,
  endpointSelectorSelects,
  globalSelects,
  type Place,
  subjectSelects,
} from "../static/policy-selectors";
import { about, type Check, type Finding, fail, forEach, notAnswerable, pass } from "./check";
import { nameOf } from "./drift";
import { governedNamespaces } from "./foreign";

interface PolicyKind {
  readonly kind: string;
  /** Two for Calico: what its API server shows is stored as the other. */
  readonly groups: readonly [string, ...string[]];
  /** The parts of an object that select and allow by themselves. */
  readonly parts: (object: Doc) => readonly Doc[];
  readonly allows: (part: Doc) => boolean;
  /** Of a kind without a namespace: whom a part is about, and the key by which it leaves namespaces out by name. */
  readonly selects?: (part: Doc, place: Place) => Answer;
  readonly nameKey?: string;
}

const rulesOf = ({ ingress, egress }: Doc): Doc[] => [...(ingress ?? []), ...(egress ?? [])];
const spec = ({ spec }: Doc): Doc[] => [spec ?? {}];

const admin = {
  groups: ["policy.networking.k8s.io"],
  parts: spec,
  // Deny and Pass leave what is allowed to NetworkPolicies. In the tier Baseline nothing comes before them.
  allows: (part: Doc) =>
    part.tier !== "Baseline" && rulesOf(part).some(({ action }) => !["Deny", "Pass"].includes(action)),
  selects: ({ subject }: Doc, place: Place) => subjectSelects(subject ?? {}, place),
  nameKey: "kubernetes.io/metadata.name",
} as const;

/** Parts of a Cilium rule that only demand more of what another rule allows. */
const DEMANDS = ["fromRequires", "toRequires", "authentication"];

const cilium = {
  groups: ["cilium.io"],
  parts: ({ spec, specs }: Doc) => [...(spec ? [spec] : []), ...(specs ?? [])],
  // Allow rules are added to those of NetworkPolicies. An empty one allows nothing: that is how Cilium writes default deny.
  allows: (part: Doc) =>
    rulesOf(part).some((rule) =>
      Object.entries<Doc>(rule ?? {}).some(
        ([key, value]) => !DEMANDS.includes(key) && (value ?? []).length !== 0,
      ),
    ),
} as const;

const calico = {
  groups: ["crd.projectcalico.org", "projectcalico.org"],
  parts: spec,
  // Whatever its order: NetworkPolicies deny only what nothing in their tier has allowed. Pass skips the rest of a tier, and behind
  // theirs, which is `default`, everything is allowed. What is not tracked, or comes before DNAT, is about hosts.
  allows: ({ tier, doNotTrack, preDNAT, ...part }: Doc) =>
    doNotTrack !== true &&
    preDNAT !== true &&
    rulesOf(part).some(
      ({ action }) =>
        !["Deny", "Log", "Pass"].includes(action) || (action === "Pass" && (tier ?? "default") === "default"),
    ),
} as const;

export const POLICY_KINDS: readonly PolicyKind[] = [
  { ...admin, kind: "AdminNetworkPolicy" },
  { ...admin, kind: "ClusterNetworkPolicy" },
  { ...cilium, kind: "CiliumNetworkPolicy" },
  {
    ...cilium,
    kind: "CiliumClusterwideNetworkPolicy",
    selects: ({ endpointSelector, nodeSelector }, place) =>
      endpointSelector ? endpointSelectorSelects(endpointSelector, place) : nodeSelector ? false : undefined,
    nameKey: "io.kubernetes.pod.namespace",
  },
  { ...calico, kind: "NetworkPolicy" },
  { ...calico, kind: "GlobalNetworkPolicy", selects: globalSelects, nameKey: "projectcalico.org/name" },
];

/** Calico's API server shows the NetworkPolicies of Kubernetes under such names; they are checked as what they are. */
const SHOWN = /^knp\.default\.(.+)$/;
function isShown({ apiVersion, kind, metadata }: Doc, objects: Objects): boolean {
  const [, name] = SHOWN.exec(metadata.name) ?? [];
  if (name === undefined || !apiVersion.startsWith("projectcalico.org/")) return false;
  return objects.get(kind, metadata.namespace, name) !== undefined;
}

/** Each object once, though two groups have it. */
async function listed({ groups, kind }: PolicyKind, cluster: Cluster, objects: Objects): Promise<Doc[]> {
  const lists = await Promise.all(groups.map((group) => cluster.listOfGroup(group, kind)));
  const found = lists.flatMap((list) => list ?? []).filter((object) => !isShown(object, objects));
  return [...new Map(found.map((object) => [nameOf(object), object])).values()];
}

function judged(kind: PolicyKind, object: Doc, places: readonly Place[]): Finding | undefined {
  const parts = kind.parts(object).filter(kind.allows);
  if (parts.length === 0) return undefined;
  const subject = `${nameOf(object)} (${object.apiVersion})`;
  const { selects, nameKey } = kind;
  if (selects === undefined) {
    const isThere = places.some(({ name }) => name === object.metadata.namespace);
    return isThere ? fail(subject, "allows traffic past the stack's NetworkPolicies; remove it") : undefined;
  }
  const answers = places.map(({ name, labels }) => {
    const found = parts.map((part) => selects(part, { name, labels }));
    return { name, answer: found.includes(true) ? true : found.includes(undefined) ? undefined : false };
  });
  const met = answers.filter(({ answer }) => answer !== false);
  if (met.length === 0) return undefined;
  const verb = met.every(({ answer }) => answer === true) ? "allows" : "may allow";
  return fail(
    subject,
    `${verb} traffic of ${met.map(({ name }) => name).join(", ")} past the stack's NetworkPolicies; remove it, or have it leave out these namespaces by ${nameKey}`,
  );
}

export const otherPolicies: Check = {
  layer: "network",
  title: "no network policy of another kind widens it",
  run: async ({ topology, cluster, live: { objects } }) => {
    const places = governedNamespaces(topology).map((name) => ({
      name,
      labels: objects.namespaceLabels(name),
    }));
    const found = await forEach(POLICY_KINDS, (kind) => {
      const asked = `${kind.kind} of ${kind.groups.join(", ")}`;
      return about(asked, async () => {
        const all = await listed(kind, cluster, objects).catch((error: unknown) => {
          // An API of its own behind the API server, which may be down while all others answer.
          if (error instanceof CannotRun) return error;
          throw error;
        });
        if (all instanceof CannotRun) return notAnswerable(asked, all.message.split("\n")[0] ?? "");
        return all.flatMap((object) => judged(kind, object, places) ?? []);
      });
    });
    return found.length > 0 ? found : [pass("governed namespaces", `${places.length} of them`)];
  },
};
