/**
 * What a cluster must be before a stack is deployed to it, asked all at once and before anything is changed. Only commands ask:
 * the program itself stays a pure function of its configuration, which previews without a cluster.
 */

import { isRelease } from "../components/plan/manifest";
import { plan } from "../components/plan/plan";
import { KUBERNETES } from "../components/platform/bill-of-materials";
import { isInstalled, isUsed, releases } from "../components/platform/index";
import { UserError } from "../system/errors";
import { SERVED_GROUPS, SYSTEM_NAMESPACES, SYSTEM_TITLES, type Topology } from "../topology";
import { asList, asMap } from "../topology/loose";
import type { Cluster } from "./cluster";
import { described, type Finding } from "./finding";
import { foreignIstio } from "./foreign-istio";
import { webhookFindings } from "./gatekeeper-webhook";

export interface PreflightOptions {
  readonly cluster: Cluster;
  readonly topology: Topology;
  /** Namespaces that the stack's state already holds. */
  readonly owned: ReadonlySet<string>;
}

const REFUSED_CREDENTIALS: Finding = {
  what: "It does not accept the credentials of the kubeconfig.",
  fix: "Log in again, or choose the context of a user that it knows.",
};

function refuse({ server }: Cluster, found: readonly Finding[]): void {
  if (found.length === 0) return;
  const count = found.length === 1 ? "1 problem" : `${found.length} problems`;
  throw new UserError(
    `The cluster at ${server} has ${count} for this stack; nothing was changed.`,
    ...described(found),
  );
}

/**
 * For what reads or deletes only: whether the cluster answers this user at all.
 * @throws UserError
 */
export async function reachable(cluster: Cluster): Promise<void> {
  // A token that it does not know is refused, also where anybody may ask for the version without one.
  const { code } = await cluster.get("/version");
  refuse(cluster, code === 401 ? [REFUSED_CREDENTIALS] : []);
}

/**
 * @returns what could not be judged, in sentences
 * @throws UserError with everything that is in the way, in sentences
 */
export async function preflight(options: PreflightOptions): Promise<string[]> {
  const { cluster, topology } = options;
  const version = await cluster.get("/version");
  const access = await accessFindings(options);
  const found = [...versionFindings(asMap(version.body)), ...access];
  // Without access the other answers would say nothing.
  if (access.length > 0) refuse(cluster, found);
  const [mesh, ...others] = await Promise.all([
    foreignIstio(cluster, topology),
    servedFindings(options),
    webhookFindings(cluster, topology),
    namespaceFindings(options),
  ]);
  refuse(cluster, [...found, ...mesh.findings, ...others.flat()]);
  return noted(cluster, mesh.notes);
}

function noted({ server }: Cluster, notes: readonly Finding[]): string[] {
  if (notes.length === 0) return [];
  const count = notes.length === 1 ? "1 thing" : `${notes.length} things`;
  return [
    `Nothing in the cluster at ${server} is in the way of this stack; ${count} to look at yourself:`,
    ...described(notes),
  ];
}

const MAY_WITHOUT = [
  ["create", "", "namespaces"],
  ["create", "networking.k8s.io", "networkpolicies"],
  ["create", "rbac.authorization.k8s.io", "roles"],
] as const;
const MAY_INSTALL = [
  ["create", "apiextensions.k8s.io", "customresourcedefinitions"],
  ["create", "rbac.authorization.k8s.io", "clusterroles"],
] as const;

async function accessFindings({ cluster, topology }: PreflightOptions): Promise<Finding[]> {
  const needed = [...MAY_WITHOUT, ...(releases(topology).length > 0 ? MAY_INSTALL : [])];
  const answers = await Promise.all(
    needed.map(async ([verb, group, resource]) => {
      const { code, body } = await cluster.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { verb, group, resource } },
      });
      return { code, allowed: asMap(body.status).allowed === true, what: `${verb} ${resource}` };
    }),
  );
  if (answers.some(({ code }) => code === 401)) return [REFUSED_CREDENTIALS];
  const forbidden = answers.filter(({ code, allowed }) => code === 403 || !allowed);
  if (forbidden.length === 0) return [];
  return [
    {
      what: `The user of the kubeconfig may not ${forbidden.map(({ what }) => what).join(", ")}.`,
      fix: "Deploy as a user that administers the cluster: the stack makes namespaces, policies, roles and CRDs.",
    },
  ];
}

const MINOR = /^\D*(\d+)\.(\d+)/;
const asNumbers = (text: string): [major: number, minor: number] => {
  const [, major = "0", minor = "0"] = MINOR.exec(text) ?? [];
  return [Number(major), Number(minor)];
};
const isBefore = (a: string, b: string): boolean => {
  const [[majorA, minorA], [majorB, minorB]] = [asNumbers(a), asNumbers(b)];
  return majorA < majorB || (majorA === majorB && minorA < minorB);
};

function versionFindings({ gitVersion }: Readonly<Record<string, unknown>>): Finding[] {
  if (typeof gitVersion !== "string" || !MINOR.test(gitVersion)) return [];
  const { min, max } = KUBERNETES;
  const isOld = isBefore(gitVersion, min);
  if (!isOld && !isBefore(max, gitVersion)) return [];
  return [
    {
      what: `It runs Kubernetes ${gitVersion}; this stack is for ${min} to ${max}, as the systems that it stands on are.`,
      fix: isOld
        ? "Upgrade the cluster."
        : "Use a cluster of that range, or a later release of this program.",
    },
  ];
}

/** Custom resources of systems that are not installed by the stack must be served already. */
async function servedFindings({ cluster, topology }: PreflightOptions): Promise<Finding[]> {
  const kinds = new Map<string, Set<string>>();
  for (const { manifest } of plan(topology)) {
    const { apiVersion, kind } = manifest;
    const system = SERVED_GROUPS[apiVersion.split("/")[0] ?? ""];
    // Gatekeeper makes the CRD of each constraint from its template.
    if (system === undefined || isRelease(manifest) || apiVersion.startsWith("constraints.")) continue;
    if (isInstalled(system, topology) || !isUsed(system, topology)) continue;
    kinds.set(apiVersion, (kinds.get(apiVersion) ?? new Set()).add(kind));
  }
  const missing = await Promise.all(
    [...kinds].map(async ([apiVersion, wanted]) => {
      const { code, body } = await cluster.get(`/apis/${apiVersion}`);
      const served = code === 200 ? asList(body.resources).map((resource) => asMap(resource).kind) : [];
      const absent = [...wanted].filter((kind) => !served.includes(kind)).sort();
      return { apiVersion, absent };
    }),
  );
  return missing
    .filter(({ absent }) => absent.length > 0)
    .map(({ apiVersion, absent }) => {
      const system = SERVED_GROUPS[apiVersion.split("/")[0] ?? ""] ?? "kagent";
      return {
        what: `kagent-a2a:platform.${system}.install is false, and the cluster does not serve ${apiVersion} ${absent.join(", ")}.`,
        fix: `Install ${SYSTEM_TITLES[system]} first, or set platform.${system}.install to true.`,
      };
    });
}

/** Read by the Kubernetes provider, too: an object that is there is then taken over instead of refused (4.34). */
const TAKE_OVER = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS";

/** A namespace of the same name that somebody else made: taking it over would change its labels and close its network. */
async function namespaceFindings({ cluster, topology, owned }: PreflightOptions): Promise<Finding[]> {
  if (/^(1|true)$/i.test(process.env[TAKE_OVER] ?? "")) return [];
  const names = plan(topology)
    .filter(({ manifest }) => manifest.kind === "Namespace")
    .map(({ manifest }) => manifest.metadata.name);
  const { code, body } = await cluster.get("/api/v1/namespaces");
  if (code !== 200)
    return [
      { what: "The user of the kubeconfig may not list namespaces.", fix: "Deploy as a user that may." },
    ];
  const there = new Set(asList(body.items).map((item) => asMap(asMap(item).metadata).name));
  return names
    .filter((name) => there.has(name) && !owned.has(name))
    .map((name) =>
      name === SYSTEM_NAMESPACES.kagent && !topology.platform.kagent.install
        ? {
            what: `Namespace ${name} exists already, with the kagent that kagent-a2a:platform.kagent.install: false speaks of, and the stack must own its labels.`,
            fix: `Set ${TAKE_OVER}=true for one up. Labels are added, its network is closed but for the graph, and its pods need a restart to get a sidecar; destroy leaves the namespace there.`,
          }
        : {
            what: `Namespace ${name} exists already and is not this stack's.`,
            fix: `Choose another name or another cluster, or delete it. To take it over with everything in it, set ${TAKE_OVER}=true for one up.`,
          },
    );
}
