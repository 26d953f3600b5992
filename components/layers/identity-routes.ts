/** The way through the gateway: who may connect to it, and where a call goes. Measured with istiod 1.31. */
import {
  type Agent,
  agentHost,
  calleeHeaderValue,
  dottedId,
  gatewayHost,
  istio,
  kagent,
  MANAGED_BY,
  type Topology,
} from "../../topology/index";
import type { Manifest, Planned } from "../plan/manifest";

const metadata = (name: string) => ({ name, namespace: istio.GATEWAY_NAMESPACE, labels: MANAGED_BY });

/**
 * Accepts every Host: callers name the gateway in one request and the callee in the next; only `x-kagent-host` counts. Of its own
 * namespace only (`./`): a VirtualService of another with a more specific host would answer in the callee's place (istiod 1.31).
 */
const GATEWAY: Manifest = {
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: metadata(istio.GATEWAY_NAME),
  spec: {
    selector: istio.GATEWAY_LABELS,
    servers: [
      {
        port: { number: istio.GATEWAY_PORT, name: "https-a2a", protocol: "HTTPS" },
        hosts: ["./*"],
        tls: { mode: "ISTIO_MUTUAL" },
      },
    ],
  },
};

/** Without it a caller's sidecar sends plaintext to a gateway, and there would be no principal to authorize. */
function mutualTlsToGateway(clusterDomain: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: metadata(istio.GATEWAY_NAME),
    spec: { host: gatewayHost(clusterDomain), trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } },
  };
}

function route(callee: Agent, clusterDomain: string): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: metadata(dottedId(callee)),
    spec: {
      hosts: ["*"],
      gateways: [istio.GATEWAY_NAME],
      http: [
        {
          match: [{ headers: { [kagent.CALLEE_HEADER]: { exact: calleeHeaderValue(callee) } } }],
          route: [
            { destination: { host: agentHost(callee, clusterDomain), port: { number: kagent.AGENT_PORT } } },
          ],
        },
      ],
    },
  };
}

export function gatewayRoutes({ routing, cluster, tenants }: Topology): Planned[] {
  if (routing !== "gateway") return [];
  const callees = tenants.flatMap(({ agents }) => agents.filter(({ callers }) => callers.length > 0));
  return [
    { layer: "identity", manifest: GATEWAY },
    { layer: "identity", manifest: mutualTlsToGateway(cluster.clusterDomain) },
    ...callees.map(
      (callee): Planned => ({
        layer: "identity",
        tenant: callee.tenant,
        agent: callee.id,
        manifest: route(callee, cluster.clusterDomain),
      }),
    ),
  ];
}
