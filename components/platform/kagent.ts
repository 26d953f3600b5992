/** kagent 0.10 (charts kagent-crds and kagent): nothing built in, watching the tenants only. */
import {
  GATEWAY_URL,
  kagent,
  kagentAuthValues,
  kagentDatabaseValues,
  MANAGED_BY,
  type Topology,
} from "../../topology/index";
import { namespaceKey, type Planned } from "../plan/manifest";
import { ISTIO_CNI, ISTIOD } from "./istio";
import { type PlannedRelease, plannedRelease, releaseOf, type Values } from "./release";

export const KAGENT_CRDS = releaseOf("kagent-crds");
export const KAGENT = releaseOf("kagent");

export function kagentCrdsRelease(topology: Topology): PlannedRelease {
  return plannedRelease(
    {
      chart: "kagent-crds",
      governed: { kmcp: { enabled: false }, substrate: { enabled: false } },
      // Its CRDs are templates without keep: they go with the release, and every Agent with them.
      protect: true,
    },
    topology,
  );
}

function serving(highAvailability: boolean): Values {
  return {
    replicas: highAvailability ? 2 : 1,
    pdb: { enabled: highAvailability, maxUnavailable: 1 },
  };
}

export function kagentRelease(topology: Topology): PlannedRelease {
  const { platform, tenants, routing } = topology;
  const sized = serving(platform.highAvailability);
  const database = kagentDatabaseValues(topology);
  return plannedRelease(
    {
      chart: "kagent",
      // Its pods get sidecars; it makes a Role in each tenant's namespace.
      after: [KAGENT_CRDS, ISTIOD, ISTIO_CNI, ...tenants.map(({ name }) => namespaceKey(name))],
      suggested: { controller: sized, ui: sized },
      governed: {
        ...Object.fromEntries(kagent.SWITCHED_OFF.map((name) => [name, { enabled: false }])),
        // Roles in these namespaces instead of ClusterRoles, which read every Secret of the cluster.
        rbac: { namespaces: [kagent.KAGENT_NAMESPACE, ...tenants.map(({ name }) => name)] },
        controller: {
          ...database.controller,
          auth: kagentAuthValues(topology),
          service: {
            type: "ClusterIP",
            ports: { port: kagent.CONTROLLER_PORT, targetPort: kagent.CONTROLLER_PORT },
          },
        },
        ui: {
          service: { type: "ClusterIP", ports: { port: kagent.UI_PORT, targetPort: kagent.UI_PORT } },
        },
        database: database.database,
        proxy: { url: routing === "gateway" ? GATEWAY_URL : "" },
        // No default model configuration: it would name a Secret that nobody writes.
        providers: null,
      },
    },
    topology,
  );
}

const NAMESPACE_READER = "kagent-a2a-namespace-reader";

/**
 * With `rbac.namespaces` the chart gives the controller no right to any Namespace, and it reads the caller's, uncached and one by
 * one, for each `allowedNamespaces` with a selector (kagent 0.10: `client.CacheOptions.DisableFor`).
 */
export function namespaceReader({ platform }: Topology): Planned[] {
  if (!platform.kagent.install) return [];
  const metadata = { name: NAMESPACE_READER, labels: MANAGED_BY };
  return [
    {
      layer: "platform",
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata,
        rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["get"] }],
      },
    },
    {
      layer: "platform",
      manifest: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: NAMESPACE_READER },
        subjects: [
          {
            kind: "ServiceAccount",
            name: kagent.CONTROLLER_SERVICE_ACCOUNT,
            namespace: kagent.KAGENT_NAMESPACE,
          },
        ],
      },
    },
  ];
}
