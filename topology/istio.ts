/**
 * Facts about Istio 1.31 in sidecar mode, each written once.
 * Source: istiod 1.31 and its charts `istiod` and `gateway`; measured where it says so.
 */
import { KAGENT_NAMESPACE } from "./kagent";
import type { Labels } from "./labels";

export const ISTIO_NAMESPACE = "istio-system";
/** Enrols a namespace: pods created in it get a sidecar. */
export const MESH_LABEL: Labels = { "istio-injection": "enabled" };
/** On any object of Istio's: only an istiod of that revision reads it. */
export const REVISION_LABEL = "istio.io/rev";
/** On an AuthorizationPolicy: it is logged and not enforced. */
export const DRY_RUN_ANNOTATION = "istio.io/dry-run";
/** The sidecar runs under this uid and gid, and traffic of that uid bypasses the sidecar. */
export const SIDECAR_UID = 1337;
/** Container of the proxy, in injected pods and in a gateway's. */
export const PROXY_CONTAINER = "istio-proxy";

export const ISTIOD_LABELS: Labels = { app: "istiod" };
/** Secure port of istiod: certificates and configuration for sidecars. */
export const ISTIOD_PORT = 15012;
/** Where kubelet probes arrive at a pod with a sidecar: rewritten application probes, and the sidecar's own readiness. */
export const PROBE_PORTS = [15020, 15021] as const;

/** The gateway between tenants. Release name of chart `gateway`, therefore also its service account and Service. */
export const GATEWAY_NAME = "a2a-gateway";
export const GATEWAY_NAMESPACE = KAGENT_NAMESPACE;
export const GATEWAY_PORT = 8083;
export const GATEWAY_LABELS: Labels = { app: GATEWAY_NAME, istio: GATEWAY_NAME };

/**
 * Environment of istiod: the pods of a gateway take Gateways of their own namespace only. Without it any namespace's Gateway that selects
 * them and names more of a host takes the calls, and answers them (istiod 1.31).
 */
export const GATEWAY_SCOPE = { PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true" } as const;

/** Name of a peer in mTLS as AuthorizationPolicy `principals` wants it: no scheme. */
export function principal(trustDomain: string, namespace: string, serviceAccount: string): string {
  return `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

export function serviceHost(name: string, namespace: string, clusterDomain: string): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}
