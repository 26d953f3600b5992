/** cert-manager 1.21 (chart cert-manager, by way of `@pulumi/kubernetes-cert-manager`). */
import { CERT_MANAGER_NAMESPACE, type Topology } from "../../topology/index";
import { releaseKey } from "../plan/manifest";
import { type PlannedRelease, plannedRelease } from "./release";

export const CERT_MANAGER = releaseKey(CERT_MANAGER_NAMESPACE, "cert-manager");

export function certManagerReleases(topology: Topology): PlannedRelease[] {
  const { highAvailability } = topology.platform;
  const serving = (replicaCount: number) => ({
    replicaCount,
    podDisruptionBudget: { enabled: highAvailability },
  });
  return [
    plannedRelease(
      {
        system: "certManager",
        chart: "cert-manager",
        name: "cert-manager",
        suggested: {
          ...serving(highAvailability ? 2 : 1),
          webhook: serving(highAvailability ? 3 : 1),
          cainjector: serving(highAvailability ? 2 : 1),
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
