/**
 * Network policies of other kinds than Kubernetes' own: what they allow is let through though no NetworkPolicy allows it.
 * Left out is what cannot do so. BaselineAdminNetworkPolicy, and the Baseline tier of ClusterNetworkPolicy, count for pods that no
 * NetworkPolicy selects, and default-deny selects each governed one. Calico's staged policies are not in force.
 */
import { isMap } from "../../topology/loose";
import { CannotRun } from "../errors";
import { type Cluster, MissingRight } from "../live/cluster";
import type { Doc, Objects } from "../static/objects";
import {
  type Answer,
  all,
  any,
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
  /** Whether a rule opens something, and of a part, whether its rules are about pods behind NetworkPolicies at all. */
  readonly opens: (rule: Doc, part: Doc) => Answer;
  readonly counts?: (part: Doc) => boolean;
  /** Of a kind without a namespace: whom a part is about, and the key by which it leaves namespaces out by name. */
  readonly selects?: (part: Doc, place: Place) => Answer;
  readonly nameKey?: string;
}

/** What stands where a list must be, which nobody here can read: it is no map, so it may allow anything. */
const UNREADABLE = "unreadable";
const listOf = (value: unknown): readonly Doc[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [UNREADABLE];

const spec = ({ spec }: Doc): Doc[] => [spec ?? {}];

const admin = {
  groups: ["policy.networking.k8s.io"],
  parts: spec,
  // Deny and Pass leave what is allowed to NetworkPolicies.
  opens: ({ action }: Doc) => !["Deny", "Pass"].includes(action),
  selects: ({ subject }: Doc, place: Place) => subjectSelects(subject ?? {}, place),
  nameKey: "kubernetes.io/metadata.name",
} as const;

/** Parts of a Cilium rule that only demand more of what another rule allows. */
const DEMANDS = ["fromRequires", "toRequires", "authentication"];

const cilium = {
  groups: ["cilium.io"],
  parts: ({ spec, specs }: Doc) => [...(spec ? [spec] : []), ...listOf(specs)],
  // Allow rules are added to those of NetworkPolicies. An empty one allows nothing: that is how Cilium writes default deny.
  opens: (rule: Doc) =>
    any(
      Object.entries<Doc>(rule)
        .filter(([key]) => !DEMANDS.includes(key))
        .map(([, value]) => (listOf(value)[0] === UNREADABLE ? undefined : listOf(value).length > 0)),
    ),
} as const;

const calico = {
  groups: ["crd.projectcalico.org", "projectcalico.org"],
  parts: spec,
  // Whatever its order: NetworkPolicies deny only what nothing in their tier has allowed. Pass skips the rest of a tier, and behind
  // theirs, which is `default` and also what an empty name means, everything is allowed.
  opens: ({ action }: Doc, { tier }: Doc) => {
    const isOtherTier = typeof tier === "string" && !["", "default"].includes(tier);
    return !["Deny", "Log", ...(isOtherTier ? ["Pass"] : [])].includes(action);
  },
} as const;

export const POLICY_KINDS: readonly PolicyKind[] = [
  { ...admin, kind: "AdminNetworkPolicy" },
  // In the tier Baseline nothing comes before NetworkPolicies. The older kind has no tiers.
  { ...admin, kind: "ClusterNetworkPolicy", counts: ({ tier }) => tier !== "Baseline" },
  { ...cilium, kind: "CiliumNetworkPolicy" },
  {
    ...cilium,
    kind: "CiliumClusterwideNetworkPolicy",
    selects: ({ endpointSelector, nodeSelector }, place) => {
      if (endpointSelector !== undefined && endpointSelector !== null)
        return endpointSelectorSelects(endpointSelector, place);
      return isMap(nodeSelector) ? false : undefined;
    },
    nameKey: "io.kubernetes.pod.namespace",
  },
  { ...calico, kind: "NetworkPolicy" },
  {
    ...calico,
    kind: "GlobalNetworkPolicy",
    // What is not tracked, or comes before DNAT, is about hosts. Only this kind has such fields.
    counts: ({ doNotTrack, preDNAT }) => doNotTrack !== true && preDNAT !== true,
    selects: globalSelects,
    nameKey: "projectcalico.org/name",
  },
];

/** Undefined: it may, since it is written as no such part can be. */
function allows({ opens, counts }: PolicyKind, part: Doc): Answer {
  if (!isMap(part)) return undefined;
  const { ingress, egress }: Doc = part;
  if (counts?.(part) === false) return false;
  return any(
    [...listOf(ingress), ...listOf(egress)].map((rule) => (isMap(rule) ? opens(rule, part) : undefined)),
  );
}

/** Calico's API server shows the NetworkPolicies of Kubernetes under such names; they are checked as what they are. */
const SHOWN = /^knp\.default\.(.+)$/;
const SHOWN_BY = "projectcalico.org/v3";
function mayBeShown({ apiVersion, kind, metadata }: Doc, objects: Objects): boolean {
  const [, name] = SHOWN.exec(metadata.name) ?? [];
  return (
    apiVersion === SHOWN_BY && name !== undefined && objects.get(kind, metadata.namespace, name) !== undefined
  );
}

const APISERVICE = {
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v3.projectcalico.org" },
};
/** Whether an API server of Calico's own answers. As ordinary CRDs, objects of any name are whoever's may write them. */
async function isAggregated(cluster: Cluster): Promise<boolean> {
  const { code, body, message } = await cluster.get(APISERVICE);
  if (code === 403) throw new MissingRight("get apiservices.apiregistration.k8s.io");
  if (code >= 300 && code !== 404)
    throw new CannotRun(`The API server answers ${code} to get apiservices: ${message}`, "Try again.");
  return isMap(body.spec?.service);
}

/** An API of its own behind the API server may be down while all others answer: what they say counts. */
const asked = (subject: string, ask: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> =>
  about(subject, () =>
    ask().catch((error: unknown) => {
      if (error instanceof CannotRun) return [notAnswerable(subject, error.message.split("\n")[0] ?? "")];
      throw error;
    }),
  );

/** Two groups show the same object: what both say of it is said once, and what only one says is not lost. */
const once = (findings: readonly Finding[]): Finding[] => [
  ...new Map(
    findings.map((finding) => [`${finding.subject.split(" (")[0]} ${finding.detail}`, finding]),
  ).values(),
];

function judged(kind: PolicyKind, object: Doc, places: readonly Place[]): Finding | undefined {
  const parts = kind.parts(object).map((part) => ({ part, answer: allows(kind, part) }));
  const allowed = any(parts.map(({ answer }) => answer));
  if (allowed === false) return undefined;
  const subject = `${nameOf(object)} (${object.apiVersion})`;
  const { selects, nameKey } = kind;
  if (selects === undefined) {
    const isThere = places.some(({ name }) => name === object.metadata.namespace);
    const verb = allowed === true ? "allows" : "may allow";
    return isThere ? fail(subject, `${verb} traffic past the stack's NetworkPolicies; remove it`) : undefined;
  }
  const answers = places.map((place) => ({
    name: place.name,
    answer: any(
      parts.map(({ part, answer }) => all([answer, isMap(part) ? selects(part, place) : undefined])),
    ),
  }));
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
    const kinds = POLICY_KINDS.flatMap((kind) => kind.groups.map((group) => ({ kind, group })));
    const found = await forEach(kinds, async ({ kind, group }) => {
      const shown: Doc[] = [];
      const judge = (listed: readonly Doc[]) => listed.flatMap((one) => judged(kind, one, places) ?? []);
      const findings = await asked(`${kind.kind} of ${group}`, async () => {
        const listed = (await cluster.listOfGroup(group, kind.kind)) ?? [];
        shown.push(...listed.filter((object) => mayBeShown(object, objects)));
        return judge(listed.filter((object) => !shown.includes(object)));
      });
      if (judge(shown).length === 0) return findings;
      const title = `${kind.kind} knp.default.* of ${group}`;
      const unlessShown = async () => ((await isAggregated(cluster)) ? [] : judge(shown));
      return [...findings, ...(await asked(title, unlessShown))];
    });
    return found.length > 0 ? once(found) : [pass("governed namespaces", `${places.length} of them`)];
  },
};
