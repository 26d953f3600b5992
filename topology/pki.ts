/** Names of the mesh's certificate authority, each written once. Source: cert-manager 1.21, Istio 1.31. */
import { ISTIO_NAMESPACE } from "./istio";

export const CERT_MANAGER_API_VERSION = "cert-manager.io/v1";
/** Its own, in its namespace, where Secrets of its ClusterIssuers lie too. */
export const CERT_MANAGER_SERVICE_ACCOUNT = "cert-manager";

/** ClusterIssuer that signs nothing but the root. */
export const SELF_SIGNED_ISSUER = "mesh-self-signed";
/** Certificate, Secret (with the key) and ClusterIssuer of the root. */
export const MESH_ROOT = "mesh-root";
/** Certificate of the intermediate; with `pki: vault` also its Issuer and service account. */
export const MESH_INTERMEDIATE = "mesh-intermediate";
/** Secret that istiod reads its CA from when it starts (`tls.crt`, `tls.key`, `ca.crt`). */
export const ISTIOD_CA_SECRET = "cacerts";

/** Audience that cert-manager puts into the token of an Issuer's service account, beside Vault's address. */
export const VAULT_PKI_AUDIENCE = `vault://${ISTIO_NAMESPACE}/${MESH_INTERMEDIATE}`;
