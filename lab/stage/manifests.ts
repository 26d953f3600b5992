/** The objects that stand for an actor: the kubelet, kagent and the charts would make them of it. */
import type { Manifest } from "../../components/plan/manifest";
import { istio, kagent } from "../../topology/index";
import { ISTIOD_CONTAINER } from "../../topology/istiod-environment";
import type { Actor, ServicePort } from "../actor";
import { ISTIOD_ENVIRONMENT } from "./mesh";

/** Name of the one node. */
export const NODE = "lab";

/** What a `restricted` namespace asks of a pod. Nobody starts the container: the lab's own processes stand for it. */
const RESTRICTED_CONTAINER = {
  name: "application",
  image: "lab.invalid/application:1",
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: kagent.AGENT_UID,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
};

const ISTIOD = {
  ...RESTRICTED_CONTAINER,
  name: ISTIOD_CONTAINER,
  env: Object.entries(ISTIOD_ENVIRONMENT).map(([name, value]) => ({ name, value })),
};

/** Tells clients of the mesh that a sidecar answers for the pod. Istio's injector sets it. */
const SPEAKS_MUTUAL_TLS = { "security.istio.io/tlsMode": "istio" };

export function podManifest({ name, namespace, labels, serviceAccount, mesh, part }: Actor): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { ...labels, ...(mesh === "sidecar" && SPEAKS_MUTUAL_TLS) } },
    spec: {
      nodeName: NODE,
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: false,
      containers: [
        part === "istiod" ? ISTIOD : RESTRICTED_CONTAINER,
        ...(mesh === "none" ? [] : [{ ...RESTRICTED_CONTAINER, name: istio.PROXY_CONTAINER }]),
      ],
    },
  };
}

export interface Fronted extends Actor {
  readonly service: { readonly name: string; readonly ports: readonly ServicePort[] };
}

export const isFronted = (actor: Actor): actor is Fronted => actor.service !== undefined;

export function serviceManifest({ namespace, labels, service: { name, ports } }: Fronted): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: labels, ports: ports.map((port) => ({ ...port, targetPort: port.port })) },
  };
}

export function endpointSliceManifest(actor: Fronted, address: string): Manifest {
  const { namespace, service } = actor;
  const { name, ports } = service;
  // Without the reference an istiod that starts may read the slice before the pod, and take its pod for one outside of the mesh.
  const targetRef = { kind: "Pod", namespace, name: actor.name };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: [address], conditions: { ready: true }, targetRef }],
    ports: ports.map((port) => ({ name: port.name, port: port.port, protocol: "TCP" })),
  };
}

export const namespaceManifest = (name: string, labels: Readonly<Record<string, string>> = {}): Manifest => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

export const serviceAccountManifest = (namespace: string, name: string): Manifest => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace },
});
