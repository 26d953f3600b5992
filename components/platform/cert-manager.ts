/** cert-manager 1.21 (chart cert-manager, by way of `@pulumi/kubernetes-cert-manager`). */
import { CERT_MANAGER_NAMESPACE, MANAGED_BY, type Topology } from "../../topology/index";
import type { Planned } from "../plan/manifest";
import { type PlannedRelease, plannedRelease, releaseOf } from "./release";

export const CERT_MANAGER = releaseOf("cert-manager");

export function certManagerReleases(topology: Topology): PlannedRelease[] {
  const { highAvailability } = topology.platform;
  return [
    plannedRelease(
      {
        chart: "cert-manager",
        suggested: {
          replicaCount: highAvailability ? 2 : 1,
          podDisruptionBudget: { enabled: highAvailability },
          webhook: { replicaCount: highAvailability ? 3 : 1 },
          cainjector: { replicaCount: highAvailability ? 2 : 1 },
        },
        governed: {
          // Deleting a CRD deletes every certificate of the cluster.
          crds: { enabled: true, keep: true },
          // Otherwise its lease is in kube-system, where it needs rights.
          global: { leaderElection: { namespace: CERT_MANAGER_NAMESPACE } },
        },
      },
      topology,
    ),
  ];
}

/** The chart has them too, and the component that installs it drops those values (`CERT_MANAGER_ARGUMENTS`). */
export function certManagerBudgets({ platform }: Topology): Planned[] {
  if (!platform.certManager.install || !platform.highAvailability) return [];
  return ["webhook", "cainjector"].map((component) => ({
    layer: "platform",
    manifest: {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: `cert-manager-${component}`, namespace: CERT_MANAGER_NAMESPACE, labels: MANAGED_BY },
      spec: {
        minAvailable: 1,
        selector: {
          matchLabels: {
            "app.kubernetes.io/name": component,
            "app.kubernetes.io/instance": "cert-manager",
            "app.kubernetes.io/component": component,
          },
        },
      },
    },
    after: [CERT_MANAGER],
  }));
}
