/** A tenant's namespace and what bounds its consumption. */

import { DEFAULT_LIMITS, DEFAULT_QUOTA } from "../../topology/defaults";
import {
  istio,
  kagent,
  type Labels,
  MANAGED_BY,
  podSecurityLabels,
  TENANT_LABEL,
  type Tenant,
  type Topology,
} from "../../topology/index";
import type { Planned } from "../plan/manifest";

/** One Namespace object carries all labels: a second manifest of it with fewer labels would remove the rest. */
export function tenantNamespaceLabels(tenant: Tenant, { cluster }: Topology): Labels {
  return {
    ...tenant.settings.labels,
    ...MANAGED_BY,
    [TENANT_LABEL]: tenant.name,
    ...(tenant.isConsumer && { [kagent.CONSUMER_LABEL]: "true" }),
    ...(tenant.isProvider && { [kagent.PROVIDER_LABEL]: "true" }),
    ...istio.MESH_LABEL,
    ...podSecurityLabels(cluster.podSecurityVersion),
  };
}

export function tenantNamespaces(topology: Topology): Planned[] {
  return topology.tenants.flatMap((tenant): Planned[] => {
    const { name, settings } = tenant;
    const metadata = { namespace: name, labels: MANAGED_BY };
    return [
      {
        layer: "namespaces",
        tenant: name,
        manifest: {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name, labels: tenantNamespaceLabels(tenant, topology) },
        },
      },
      {
        layer: "namespaces",
        tenant: name,
        manifest: {
          apiVersion: "v1",
          kind: "ResourceQuota",
          metadata: { name: "tenant", ...metadata },
          spec: { hard: { ...DEFAULT_QUOTA, ...settings.quota } },
        },
      },
      {
        layer: "namespaces",
        tenant: name,
        manifest: {
          apiVersion: "v1",
          kind: "LimitRange",
          metadata: { name: "tenant", ...metadata },
          spec: {
            limits: [
              {
                type: "Container",
                default: { ...DEFAULT_LIMITS.default, ...settings.limits.default },
                defaultRequest: { ...DEFAULT_LIMITS.defaultRequest, ...settings.limits.defaultRequest },
              },
            ],
          },
        },
      },
    ];
  });
}
