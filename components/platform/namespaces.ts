/** Namespaces of the platform: the stack owns each that it installs something into, with all its labels. */
import {
  CLUSTER_RANGES_ANNOTATION,
  clusterRanges,
  GATEKEEPER_NAMESPACE,
  istio,
  type Labels,
  MANAGED_BY,
  podSecurityLabels,
  SYSTEM_NAMESPACES,
  SYSTEMS,
  type System,
  type Topology,
} from "../../topology/index";
import type { Planned } from "../plan/manifest";
import { isInstalled } from "./index";

/** The CNI plugin's DaemonSet mounts the node's folders; everything else runs `restricted`. */
const PRIVILEGED: ReadonlySet<string> = new Set([istio.ISTIO_NAMESPACE]);

const KAGENT = SYSTEM_NAMESPACES.kagent;

const MORE_LABELS: Readonly<Record<string, Labels>> = {
  // What the chart's own hook would write; Gatekeeper refuses it on any other namespace.
  [GATEKEEPER_NAMESPACE]: { "admission.gatekeeper.sh/ignore": "no-self-managing" },
  // In the mesh, or STRICT in the tenants would refuse the controller.
  [KAGENT]: istio.MESH_LABEL,
};

/** kagent's is governed, and therefore the stack's, whoever installs kagent. */
const isOwned = (system: System, topology: Topology): boolean =>
  SYSTEM_NAMESPACES[system] === KAGENT || isInstalled(system, topology);

export function platformNamespaces(topology: Topology): Planned[] {
  const owned = SYSTEMS.filter((system) => isOwned(system, topology));
  const names = [...new Set(owned.map((system) => SYSTEM_NAMESPACES[system]))];
  const { podSecurityVersion } = topology.cluster;
  return names.map((name) => ({
    layer: "namespaces",
    manifest: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name,
        labels: {
          ...MANAGED_BY,
          ...MORE_LABELS[name],
          ...podSecurityLabels(podSecurityVersion, PRIVILEGED.has(name) ? "privileged" : "restricted"),
        },
        ...(name === KAGENT && {
          annotations: { [CLUSTER_RANGES_ANNOTATION]: clusterRanges(topology.cluster).join(",") },
        }),
      },
    },
    // A kagent that somebody else installed is in it.
    ...(name === KAGENT && !topology.platform.kagent.install && { retain: true }),
  }));
}
