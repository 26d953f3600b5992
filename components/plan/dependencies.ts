/** What stands before what: from where objects are, what they serve, and who serves and validates their API. */
import { SERVED_GROUPS, SYSTEM_CHARTS, SYSTEM_NAMESPACES, SYSTEMS, type System } from "../../topology/index";
import { CERT_MANAGER } from "../platform/cert-manager";
import { EXTERNAL_SECRETS } from "../platform/external-secrets";
import { GATEKEEPER } from "../platform/gatekeeper";
import { GATEWAY, ISTIOD } from "../platform/istio";
import { KAGENT, KAGENT_CRDS } from "../platform/kagent";
import { releaseOf } from "../platform/release";
import {
  isRelease,
  namespaceKey,
  type ObjectKey,
  objectKey,
  type Planned,
  RELEASE_API_VERSION,
} from "./manifest";

export interface PlannedObject extends Planned {
  readonly key: ObjectKey;
  /** Keys of all objects that must be there first; each stands earlier in the plan. */
  readonly dependsOn: readonly ObjectKey[];
}

/** Releases whose webhooks and controllers an object of the system needs, and which bring its CRD. */
const SERVED_BY: Readonly<Record<System, readonly ObjectKey[]>> = {
  certManager: [CERT_MANAGER],
  externalSecrets: [EXTERNAL_SECRETS],
  gatekeeper: [GATEKEEPER],
  istio: [ISTIOD],
  gateway: [GATEWAY],
  kagent: [KAGENT_CRDS, KAGENT],
};

const RELEASES: ReadonlySet<ObjectKey> = new Set(
  SYSTEMS.flatMap((system) => SYSTEM_CHARTS[system].map(releaseOf)),
);

const groupOf = (apiVersion: string): string => apiVersion.split("/")[0] ?? "";

const SYSTEM_NAMESPACE_NAMES: ReadonlySet<string> = new Set(Object.values(SYSTEM_NAMESPACES));

/** @param objects in an order in which each stands behind what it needs */
export function withDependencies(objects: readonly Planned[]): PlannedObject[] {
  const keyed = objects.map((planned) => ({ ...planned, key: objectKey(planned.manifest) }));
  const known = new Set(keyed.map(({ key }) => key));
  const releases = keyed.filter(({ manifest }) => isRelease(manifest)).map(({ key }) => key);
  const ofTenant = groupBy(keyed, ({ tenant, agent }) => (agent === undefined ? tenant : undefined));
  const ofAgent = groupBy(keyed, ({ agent, layer }) => (layer === "agents" ? undefined : agent));
  /** What serves all tenants and was planned so far. */
  const groundwork: typeof keyed = [];

  return keyed.map((planned) => {
    const { manifest, layer, tenant, agent = "", after = [], key } = planned;
    const { namespace } = manifest.metadata;
    const isNamespace = manifest.kind === "Namespace";
    const needs = new Set<ObjectKey>(after);
    // The namespace of a system that the stack does not install was there before the stack.
    if (
      namespace !== undefined &&
      (known.has(namespaceKey(namespace)) || !SYSTEM_NAMESPACE_NAMES.has(namespace))
    )
      needs.add(namespaceKey(namespace));
    const server = SERVED_GROUPS[groupOf(manifest.apiVersion)];
    for (const release of server === undefined ? [] : SERVED_BY[server]) needs.add(release);

    // A release starts pods: what protects and feeds its namespace is there first.
    if (isRelease(manifest))
      for (const other of groundwork)
        if (other.manifest.metadata.namespace === namespace) needs.add(other.key);
    // From its first second its webhook is asked about every namespace, and answers only when it is ready.
    if (key === GATEKEEPER)
      for (const other of groundwork) if (other.manifest.kind === "Namespace") needs.add(other.key);
    if (isNamespace && tenant !== undefined)
      for (const other of groundwork) if (other.manifest.kind !== "Namespace") needs.add(other.key);

    const companions = ofTenant.get(tenant ?? "") ?? [];
    if (layer === "models")
      for (const other of companions) if (other.layer === "secrets") needs.add(other.key);
    if (layer === "agents") {
      for (const other of companions) needs.add(other.key);
      for (const other of ofAgent.get(agent) ?? []) needs.add(other.key);
      for (const release of releases) needs.add(release);
    }
    if (tenant === undefined) groundwork.push(planned);
    const isWaitedFor = (needed: ObjectKey): boolean => {
      if (known.has(needed) || !isReleaseKey(needed)) return true;
      if (!RELEASES.has(needed)) throw new Error(`${key} waits for ${needed}, which no chart is released as`);
      // Its system is not installed by the stack, and was there before.
      return false;
    };
    return { ...planned, dependsOn: [...needs].filter(isWaitedFor) };
  });
}

const isReleaseKey = (key: ObjectKey): boolean => key.startsWith(`${RELEASE_API_VERSION}/`);

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
