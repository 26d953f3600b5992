/** Istio 1.31 in sidecar mode: CRDs, control plane, CNI plugin, and the gateway between tenants (charts base, istiod, cni, gateway). */
import { istio, type Topology } from "../../topology/index";
import { type PlannedRelease, plannedRelease, releaseOf, type Values } from "./release";

export const ISTIO_BASE = releaseOf("base");
export const ISTIOD = releaseOf("istiod");
export const ISTIO_CNI = releaseOf("cni");
export const GATEWAY = releaseOf("gateway");

const RUNTIME_DEFAULT = { type: "RuntimeDefault" };

/** Distributions whose paths differ: the charts bring a profile for each. */
const PLATFORM_PROFILES: Readonly<Record<string, string>> = { gke: "gke", k3d: "k3d", k3s: "k3s" };

function platformProfile({ cluster }: Topology): Values {
  const profile = PLATFORM_PROFILES[cluster.distribution];
  return profile === undefined ? {} : { global: { platform: profile } };
}

/** What of istiod's `meshConfig` decides who is who and who gets out. */
export function meshConfig({ cluster, platform }: Topology): Values {
  return {
    trustDomain: cluster.trustDomain,
    outboundTrafficPolicy: {
      mode: platform.outboundTraffic === "registry-only" ? "REGISTRY_ONLY" : "ALLOW_ANY",
    },
  };
}

export function istioReleases(topology: Topology): PlannedRelease[] {
  const { cluster, platform } = topology;
  return [
    plannedRelease({ chart: "base", governed: {} }, topology),
    plannedRelease(
      {
        chart: "istiod",
        after: [ISTIO_BASE],
        suggested: {
          ...platformProfile(topology),
          // The disruption budget appears above one replica.
          autoscaleMin: platform.highAvailability ? 2 : 1,
          meshConfig: { accessLogFile: "/dev/stdout", accessLogEncoding: "JSON" },
        },
        governed: {
          seccompProfile: RUNTIME_DEFAULT,
          // The sidecar's iptables are set by the node's plugin: an init container for it needs NET_ADMIN.
          cni: { enabled: true },
          env: istio.GATEWAY_SCOPE,
          global: {
            istioNamespace: istio.ISTIO_NAMESPACE,
            proxy: { clusterDomain: cluster.clusterDomain, seccompProfile: RUNTIME_DEFAULT },
          },
          meshConfig: {
            ...meshConfig(topology),
            // An application that starts first talks past the mesh's rules, or not at all.
            defaultConfig: { holdApplicationUntilProxyStarts: true },
          },
        },
      },
      topology,
    ),
    plannedRelease(
      {
        chart: "cni",
        after: [ISTIOD],
        suggested: platformProfile(topology),
        governed: {},
      },
      topology,
    ),
  ];
}

/** Its labels, account and Service are named like the release: what the network and identity layers select. */
export function gatewayRelease(topology: Topology): PlannedRelease {
  const { highAvailability } = topology.platform;
  return plannedRelease(
    {
      chart: "gateway",
      // Its pod is what the injector makes of an empty one.
      after: [ISTIOD, ISTIO_CNI],
      suggested: {
        autoscaling: { enabled: true, minReplicas: highAvailability ? 2 : 1, maxReplicas: 5 },
        ...(highAvailability && { podDisruptionBudget: { minAvailable: 1 } }),
      },
      governed: {
        labels: istio.GATEWAY_LABELS,
        // It would read every Secret of kagent's namespace, for certificates of its own that it has none of.
        rbac: { enabled: false },
        serviceAccount: { create: true, name: istio.GATEWAY_NAME },
        service: {
          type: "ClusterIP",
          ports: [
            {
              // `tcp-`: callers' sidecars must not route by Host here (measured).
              name: "tcp-a2a",
              port: istio.GATEWAY_PORT,
              targetPort: istio.GATEWAY_PORT,
              protocol: "TCP",
            },
          ],
        },
        // The chart ignores the mesh's seccomp profile; without one Pod Security `restricted` refuses the pod.
        securityContext: { seccompProfile: RUNTIME_DEFAULT },
      },
    },
    topology,
  );
}
