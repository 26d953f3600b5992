/** Groups and kinds that rules look at, each written once. */
export const CORE = "";
export const RBAC = "rbac.authorization.k8s.io";
export const NETWORKING = "networking.k8s.io";
export const ADMISSION = "admissionregistration.k8s.io";
export const KAGENT = "kagent.dev";
export const ISTIO_SECURITY = "security.istio.io";
export const ISTIO_NETWORKING = "networking.istio.io";
export const GATEKEEPER_TEMPLATES = "templates.gatekeeper.sh";
export const GATEKEEPER_CONSTRAINTS = "constraints.gatekeeper.sh";
export const EXTERNAL_SECRETS = "external-secrets.io";
export const CERT_MANAGER = "cert-manager.io";
export const HELM = "helm.sh";
export const AUDIT = "audit.k8s.io";
