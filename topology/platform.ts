/**
 * The systems that the stack's objects stand on, each written once: names, namespaces, charts and what serves which API.
 * Source: the charts of the versions in `components/platform/bill-of-materials.ts`.
 */
import { GATEWAY_NAME, ISTIO_NAMESPACE } from "./istio";
import { KAGENT_NAMESPACE } from "./kagent";

/** A part of the platform that is installed, or taken as it is, as a whole. Also its key below `platform`. */
export const SYSTEMS = [
  "certManager",
  "externalSecrets",
  "gatekeeper",
  "istio",
  "gateway",
  "kagent",
] as const;
export type System = (typeof SYSTEMS)[number];

/** Also where Secrets of its ClusterIssuers lie. */
export const CERT_MANAGER_NAMESPACE = "cert-manager";
export const EXTERNAL_SECRETS_NAMESPACE = "external-secrets";
export const GATEKEEPER_NAMESPACE = "gatekeeper-system";

export const SYSTEM_NAMESPACES: Readonly<Record<System, string>> = {
  certManager: CERT_MANAGER_NAMESPACE,
  externalSecrets: EXTERNAL_SECRETS_NAMESPACE,
  gatekeeper: GATEKEEPER_NAMESPACE,
  istio: ISTIO_NAMESPACE,
  gateway: KAGENT_NAMESPACE,
  kagent: KAGENT_NAMESPACE,
};

/** Helm charts of a system, in the order of installation. */
export const SYSTEM_CHARTS = {
  certManager: ["cert-manager"],
  externalSecrets: ["external-secrets"],
  gatekeeper: ["gatekeeper"],
  istio: ["base", "istiod", "cni"],
  gateway: ["gateway"],
  kagent: ["kagent-crds", "kagent"],
} as const satisfies Readonly<Record<System, readonly string[]>>;
export type ChartName = (typeof SYSTEM_CHARTS)[System][number];

/** Helm releases. Fixed: selectors, principals, accounts and ownership contain these names. */
export const RELEASE_NAMES: Readonly<Record<ChartName, string>> = {
  "cert-manager": "cert-manager",
  "external-secrets": "external-secrets",
  gatekeeper: "gatekeeper",
  base: "istio-base",
  istiod: "istiod",
  cni: "istio-cni",
  gateway: GATEWAY_NAME,
  "kagent-crds": "kagent-crds",
  kagent: KAGENT_NAMESPACE,
};

const CHART_SYSTEMS = Object.fromEntries(
  SYSTEMS.flatMap((system) => SYSTEM_CHARTS[system].map((chart) => [chart, system])),
) as Readonly<Record<ChartName, System>>;
export const systemOf = (chart: ChartName): System => CHART_SYSTEMS[chart];

/** How messages and documents call a system. */
export const SYSTEM_TITLES: Readonly<Record<System, string>> = {
  certManager: "cert-manager",
  externalSecrets: "External Secrets Operator",
  gatekeeper: "Gatekeeper",
  istio: "Istio",
  gateway: "the A2A gateway",
  kagent: "kagent",
};

/** API groups of custom resources, and the system that brings their CRDs. */
export const SERVED_GROUPS: Readonly<Record<string, System>> = {
  "cert-manager.io": "certManager",
  "external-secrets.io": "externalSecrets",
  "generators.external-secrets.io": "externalSecrets",
  "config.gatekeeper.sh": "gatekeeper",
  "constraints.gatekeeper.sh": "gatekeeper",
  "templates.gatekeeper.sh": "gatekeeper",
  "networking.istio.io": "istio",
  "security.istio.io": "istio",
  "telemetry.istio.io": "istio",
  "kagent.dev": "kagent",
};
