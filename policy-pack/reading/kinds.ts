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
export const GATEKEEPER_CONFIG = "config.gatekeeper.sh";
export const GATEKEEPER_MUTATIONS = "mutations.gatekeeper.sh";
export const ISTIO_EXTENSIONS = "extensions.istio.io";
export const APPS = "apps";
export const BATCH = "batch";
export const GATEWAY_API = "gateway.networking.k8s.io";
export const POLICY_API = "policy.networking.k8s.io";
export const CILIUM = "cilium.io";
/** What its API server shows is stored as the other. */
export const CALICO = ["crd.projectcalico.org", "projectcalico.org"] as const;

/** Groups besides the core one whose objects, all of them, decide who may do what. */
export const GOVERNING_GROUPS: ReadonlySet<string> = new Set([
  RBAC,
  NETWORKING,
  ADMISSION,
  KAGENT,
  ISTIO_SECURITY,
  ISTIO_NETWORKING,
  ISTIO_EXTENSIONS,
  GATEKEEPER_TEMPLATES,
  GATEKEEPER_CONSTRAINTS,
  GATEKEEPER_CONFIG,
  GATEKEEPER_MUTATIONS,
  EXTERNAL_SECRETS,
  CERT_MANAGER,
]);
