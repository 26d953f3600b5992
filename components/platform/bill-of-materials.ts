/**
 * The one list of charts: from where, in which version, for which Kubernetes, and why this one.
 * `npm run versions` prints it; the version of kagent's charts is configuration (`kagent.version`).
 */
import type { ChartName } from "../../topology/index";
import { KAGENT_DEFAULT_VERSION } from "../../topology/kagent";

export interface Chart {
  readonly chart: ChartName;
  /** Classic repository (`https://`) or OCI folder (`oci://`) that the project itself publishes to. */
  readonly repository: string;
  /** Exact chart version, as the repository spells it. */
  readonly version: string;
  /** Kubernetes `<major>.<minor>`, both included. */
  readonly kubernetes: { readonly min: string; readonly max: string };
  /** Why this version, and where the range comes from. */
  readonly reason: string;
}

/** What the stack as a whole is for, whoever installed its systems: all of them support it in the reviewed versions. */
export const KUBERNETES = { min: "1.33", max: "1.36" } as const;

const ISTIO = {
  repository: "oci://registry.istio.io/release/charts",
  version: "1.31.0",
  kubernetes: KUBERNETES,
} as const;
const ISTIO_REASON =
  "its gateway, its identities and Ed25519 tokens were measured with this release; istioctl 1.31 refuses Kubernetes below 1.32";

const KAGENT = {
  repository: "oci://ghcr.io/kagent-dev/kagent/helm",
  version: KAGENT_DEFAULT_VERSION,
  kubernetes: KUBERNETES,
} as const;
const KAGENT_REASON =
  "the last line with a Deployment and a service account per Agent; 1.0 has neither and asks for Kubernetes 1.37";

export const BILL_OF_MATERIALS: Readonly<Record<ChartName, Chart>> = {
  "cert-manager": {
    chart: "cert-manager",
    repository: "https://charts.jetstack.io",
    version: "v1.21.2",
    kubernetes: KUBERNETES,
    reason: "the project supports 1.21 on Kubernetes 1.33 to 1.36",
  },
  "external-secrets": {
    chart: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "2.9.0",
    kubernetes: KUBERNETES,
    reason:
      "the project supports only its newest minor version, and tests that on Kubernetes 1.36; it serves external-secrets.io/v1 alone",
  },
  gatekeeper: {
    chart: "gatekeeper",
    repository: "https://open-policy-agent.github.io/gatekeeper/charts",
    version: "3.23.1",
    kubernetes: KUBERNETES,
    reason:
      "the admission rules were measured with this release: CEL with namespaceObject in webhook and audit; it needs ValidatingAdmissionPolicy v1",
  },
  base: { chart: "base", ...ISTIO, reason: `CRDs of Istio; ${ISTIO_REASON}` },
  istiod: { chart: "istiod", ...ISTIO, reason: ISTIO_REASON },
  cni: { chart: "cni", ...ISTIO, reason: "without it a sidecar needs NET_ADMIN, which Pod Security refuses" },
  gateway: { chart: "gateway", ...ISTIO, reason: `of the same release as istiod; ${ISTIO_REASON}` },
  "kagent-crds": {
    chart: "kagent-crds",
    ...KAGENT,
    reason: `of the same version as kagent; ${KAGENT_REASON}`,
  },
  kagent: { chart: "kagent", ...KAGENT, reason: KAGENT_REASON },
};
