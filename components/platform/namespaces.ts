/** Namespaces of the platform that the layers govern. */
import { istio, kagent, MANAGED_BY, podSecurityLabels, type Topology } from "../../topology/index";
import type { Planned } from "../plan/manifest";

/** kagent's own namespace: in the mesh, or STRICT in the tenants would refuse the controller, and `restricted` like them. */
export function platformNamespaces({ cluster }: Topology): Planned[] {
  return [
    {
      layer: "namespaces",
      manifest: {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: {
          name: kagent.KAGENT_NAMESPACE,
          labels: { ...MANAGED_BY, ...istio.MESH_LABEL, ...podSecurityLabels(cluster.podSecurityVersion) },
        },
      },
    },
  ];
}
