/**
 * Helm values that configuration may set: sizes, places, images and logs. A value that is not here is refused, since nobody asked
 * what the layers make of it. Source: the charts of the versions in `components/platform/bill-of-materials.ts`.
 */
import { reachesCertManager } from "./cert-manager";
import type { ChartName } from "./platform";

/** Each of these below a part of a chart; a part without a name is the chart's top. */
const below = (part: string, ...keys: readonly string[]): string[] =>
  keys.map((key) => (part === "" ? key : `${part}.${key}`));

const NODES = ["affinity", "nodeSelector", "tolerations"];
const PLACE = [...NODES, "topologySpreadConstraints"];
const POD = [...PLACE, "priorityClassName", "resources"];
const IMAGE = ["registry", "repository", "tag", "pullPolicy"];
const image = (...parts: readonly string[]): string[] => parts.flatMap((part) => below(part, ...IMAGE));
const BUDGET = ["enabled", "minAvailable"];

const certManager = (part: string): string[] => [
  ...below(part, ...POD, "replicaCount", "strategy", "podAnnotations", "deploymentAnnotations"),
  ...below(part, "serviceAccount.annotations", "livenessProbe", "readinessProbe"),
  ...below(part, ...image("image"), "image.digest", ...below("podDisruptionBudget", ...BUDGET)),
  ...below(part, "podDisruptionBudget.maxUnavailable"),
];

const externalSecrets = (part: string): string[] => [
  ...below(part, ...POD, "replicaCount", "strategy", "podAnnotations", "deploymentAnnotations", "log"),
  ...below(part, "imagePullSecrets", "revisionHistoryLimit", "serviceAccount.annotations"),
  ...below(part, "livenessProbe", "readinessProbe"),
  ...below(part, "image.repository", "image.tag", "image.flavour", "image.pullPolicy"),
  ...below(part, ...below("podDisruptionBudget", ...BUDGET)),
];

const ISTIO_IMAGES = [
  ...["hub", "tag", "variant", "global.hub", "global.tag", "global.variant"],
  ...["global.imagePullPolicy", "global.imagePullSecrets"],
];

/** Not podAnnotations: the sidecar obeys some, and is no longer in the way then. */
const kagent = (part: string): string[] => [
  ...below(part, ...PLACE, "resources", "replicas", "annotations", "serviceAccount.annotations"),
  ...below(part, "startupProbe", "readinessProbe", ...image("image")),
  ...below(part, ...below("pdb", ...BUDGET, "maxUnavailable", "unhealthyPodEvictionPolicy")),
];

/** Paths in a chart's values; everything below a path may be set as well. */
export const TUNABLE_VALUES: Readonly<Record<ChartName, readonly string[]>> = {
  "cert-manager": [
    ...certManager(""),
    ...certManager("webhook"),
    ...certManager("cainjector"),
    ...below("global", "imagePullSecrets", "logLevel", "nodeSelector", "priorityClassName"),
    ...["imageRegistry", "imageNamespace", "http_proxy", "https_proxy", "no_proxy"],
    ...["maxConcurrentChallenges", "prometheus.enabled", "webhook.timeoutSeconds"],
    ...below("startupapicheck", ...POD, "backoffLimit", "timeout"),
    ...image("startupapicheck.image", "acmesolver.image"),
  ].filter((path) => reachesCertManager(path.split("."))),
  "external-secrets": [
    ...externalSecrets(""),
    ...externalSecrets("webhook"),
    ...below("global", ...PLACE, "imagePullSecrets", "repository"),
    ...["concurrent", "storeRequeueInterval"],
    ...below("serviceMonitor", "enabled", "additionalLabels", "interval", "scrapeTimeout"),
  ],
  gatekeeper: [
    ...["replicas", "revisionHistoryLimit", "auditInterval", "auditChunkSize", "constraintViolationsLimit"],
    ...["logLevel", "logDenies", "metricsBackends", "podAnnotations", "auditPodAnnotations", "podCountLimit"],
    ...["maxServingThreads", "validatingWebhookTimeoutSeconds"],
    ...below("image", "repository", "crdRepository", "release", "pullPolicy", "pullSecrets"),
    ...below("preInstall.crdRepository.image", "repository", "tag"),
    ...below("postInstall.probeWebhook", "waitTimeout", "httpTimeout", "priorityClassName"),
    ...below("postInstall.probeWebhook.image", "repository", "tag", "pullPolicy", "pullSecrets"),
    ...below("controllerManager", ...POD, "logLevel"),
    ...below("audit", ...NODES, "priorityClassName", "resources", "logLevel"),
    ...["crds", "postInstall"].flatMap((part) => below(part, ...NODES, "resources")),
    ...["pdb.controllerManager.minAvailable", "upgradeCRDs.priorityClassName"],
  ],
  base: ["global.imagePullSecrets"],
  istiod: [
    ...[...PLACE, "resources"],
    ...ISTIO_IMAGES,
    ...[
      "autoscaleEnabled",
      "autoscaleMin",
      "autoscaleMax",
      "autoscaleBehavior",
      "replicaCount",
      "cpu",
      "memory",
    ],
    ...[
      "rollingMaxSurge",
      "rollingMaxUnavailable",
      "pdb",
      "traceSampling",
      "keepaliveMaxServerConnectionAge",
    ],
    ...["podAnnotations", "deploymentAnnotations", "serviceAnnotations", "serviceAccountAnnotations"],
    ...below("global", "platform", "logAsJson", "logging", "priorityClassName", "defaultResources"),
    ...below("global.proxy", "resources", "logLevel", "componentLogLevel", "startupProbe"),
    ...below("global.proxy", "readinessFailureThreshold", "readinessInitialDelaySeconds"),
    "global.proxy.readinessPeriodSeconds",
    ...below("meshConfig", "accessLogFile", "accessLogEncoding", "accessLogFormat", "enableTracing"),
    ...below("meshConfig", "defaultProviders", "extensionProviders"),
  ],
  cni: [
    ...["affinity", "tolerations", "resources"],
    ...ISTIO_IMAGES,
    ...["pullPolicy", "logging", "podAnnotations", "resourceQuotas", "updateStrategy", "seLinuxOptions"],
    ...["terminationGracePeriodSeconds", "cniBinDir", "cniConfDir", "cniConfFileName", "cniNetnsDir"],
    ...["chained", "provider"],
    ...below("global", "platform", "logAsJson", "logging", "defaultResources"),
  ],
  gateway: [
    ...POD,
    ...["replicaCount", "autoscaling", "strategy", "minReadySeconds", "podDisruptionBudget", "annotations"],
    ...["terminationGracePeriodSeconds", "imagePullPolicy", "imagePullSecrets"],
  ],
  "kagent-crds": [],
  kagent: [
    ...kagent("controller"),
    ...kagent("ui"),
    ...[
      "registry",
      "tag",
      "imagePullPolicy",
      "imagePullSecrets",
      "annotations",
      "tolerations",
      "nodeSelector",
    ],
    "ipv6.enabled",
    ...below("controller", "imagePullSecrets", "loglevel", "a2aClientTimeout", "toolRefreshInterval"),
    ...below("controller", "agentImage.pullSecret", "agentDeployment.nodeSelector"),
    ...image("controller.agentImage", "controller.goAgentImage", "controller.skillsInitImage"),
    ...below("ui", "externalUrl", "streamTimeoutSeconds", "nginx", "volumes", "auth.ssoRedirectPath"),
    ...below("database.postgres", "vectorEnabled", "skipMigrations", "pool", "sessionRetentionDays"),
    ...below("database.postgres.bundled", "storage", "storageClassName", "resources"),
    ...[...image("database.postgres.bundled.image"), "database.postgres.bundled.image.name"],
  ],
};

export const tunablePaths = (chart: ChartName): string[][] =>
  TUNABLE_VALUES[chart].map((path) => path.split("."));

/** Whether a path stands at or below another one. */
export const isBelow = (path: readonly string[], start: readonly string[]): boolean =>
  start.every((key, index) => path[index] === key);

/** Whether configuration may set a value: it stands at or below a path of the table. */
export const isTunable = (chart: ChartName, path: readonly string[]): boolean =>
  tunablePaths(chart).some((tunable) => isBelow(path, tunable));

/** Images that are versioned apart from the chart that runs them. */
const OTHER_IMAGES = ["database.postgres.bundled.image", "postInstall.probeWebhook.image"];

/** Where a chart's values name the version of its system's images: it must be one that the stack can govern. */
export const imageTags = (chart: ChartName): string[][] =>
  tunablePaths(chart).filter(
    (path) =>
      /^(tag|release)$/.test(path.at(-1) ?? "") && !OTHER_IMAGES.includes(path.slice(0, -1).join(".")),
  );
