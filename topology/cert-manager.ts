/**
 * What @pulumi/kubernetes-cert-manager 0.2 takes as arguments of its own. It writes each of these keys over the same key of
 * `helmOptions.values`, also where nothing was given, and drops what its type does not know (pulumi-go-helmbase, `InitDefaults`):
 * values under them reach the chart as arguments only, and the others as values only.
 */
const POD = [
  "affinity",
  "podAnnotations",
  "podLabels",
  "resources",
  "serviceAccount",
  "tolerations",
] as const;
const DEPLOYMENT = [
  ...POD,
  "containerSecurityContext",
  "deploymentAnnotations",
  "extraArgs",
  "image",
  "replicaCount",
  "strategy",
  "timeoutSeconds",
] as const;

/** Keys of the chart's values; with the keys that are known below them, where not all are. */
export const CERT_MANAGER_ARGUMENTS: Readonly<Record<string, readonly string[] | "any">> = {
  affinity: "any",
  cainjector: DEPLOYMENT,
  clusterResourceNamespace: "any",
  containerSecurityContext: "any",
  deploymentAnnotations: "any",
  extraArgs: "any",
  extraEnv: "any",
  extraVolumeMounts: [],
  extraVolumes: [],
  featureGates: "any",
  global: [
    "imagePullSecrets",
    "leaderElection",
    "logLevel",
    "podSecurityPolicy",
    "priorityClassName",
    "rbac",
  ],
  http_proxy: "any",
  https_proxy: "any",
  image: ["digest", "pullPolicy", "registry", "repository", "tag"],
  ingressShim: ["defaultIssuerGroup", "defaultIssuerKind", "defaultIssuerName"],
  installCRDs: "any",
  no_proxy: "any",
  // Typed as node affinity, which the chart does not take there.
  nodeSelector: [],
  podAnnotations: "any",
  podDnsConfig: "any",
  podDnsPolicy: "any",
  podLabels: "any",
  prometheus: ["enabled"],
  replicaCount: "any",
  resources: "any",
  securityContext: "any",
  serviceAccount: ["annotations", "automountServiceAccountToken", "create", "name"],
  serviceAnnotations: "any",
  serviceLabels: "any",
  startupapicheck: [
    ...POD,
    "backoffLimit",
    "enabled",
    "extraArgs",
    "image",
    "jobAnnotations",
    "rbac",
    "timeout",
  ],
  strategy: "any",
  tolerations: "any",
  webhook: [
    ...DEPLOYMENT,
    "hostNetwork",
    "livenessProbe",
    "loadBalancerIP",
    "nodeSelector",
    "readinessProbe",
    "securePort",
    "securityContext",
    "serviceAnnotations",
    "serviceLabels",
    "serviceType",
    "url",
  ],
};

/** Whether a value reaches the chart, for a path in its values. */
export function reachesCertManager([key = "", inner]: readonly string[]): boolean {
  const known = Object.hasOwn(CERT_MANAGER_ARGUMENTS, key) ? CERT_MANAGER_ARGUMENTS[key] : "any";
  return known === undefined || known === "any" || (inner !== undefined && known.includes(inner));
}
