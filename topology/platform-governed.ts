/**
 * Helm values that the layers rely on, and what to do instead of setting them. What is neither here nor in `platform-tunable.ts` is
 * refused as well, without a reason of its own.
 */
import { SWITCHED_OFF } from "./kagent";
import type { ChartName } from "./platform";

export interface GovernedValue {
  /** Path in the chart's values. Everything below it is meant, too. */
  readonly path: readonly string[];
  readonly instead: string;
}

const REMOVE = "Remove it; the layers rely on what the stack writes there.";
const NAMES = "Remove it; selectors, principals and dependencies contain the names that the stack gives.";

const values = (instead: string, ...paths: readonly string[]): GovernedValue[] =>
  paths.map((path) => ({ path: path.split("."), instead }));

const OTHER_NAMES = values(NAMES, "nameOverride", "fullnameOverride", "namespaceOverride");
const MORE_OBJECTS = values(
  "Remove it; objects that come with a release are seen by no rule. Declare them apart.",
  "extraObjects",
);

export const GOVERNED_VALUES: Readonly<Record<ChartName, readonly GovernedValue[]>> = {
  "cert-manager": [
    ...OTHER_NAMES,
    ...MORE_OBJECTS,
    ...values(NAMES, "namespace", "clusterResourceNamespace"),
    ...values(NAMES, "serviceAccount.create", "serviceAccount.name"),
    ...values(
      REMOVE,
      "crds",
      "installCRDs",
      "extraArgs",
      "config",
      "global.leaderElection.namespace",
      "global.rbac",
    ),
  ],
  "external-secrets": [
    ...OTHER_NAMES,
    ...MORE_OBJECTS,
    ...values(NAMES, "serviceAccount.create", "serviceAccount.name"),
    ...values(
      REMOVE,
      "certController.create",
      "crds",
      "installCRDs",
      "createOperator",
      "extraArgs",
      "leaderElect",
      "processSecretStore",
      "rbac",
      "scopedNamespace",
      "scopedRBAC",
      "webhook.certManager",
      "webhook.create",
      "webhook.failurePolicy",
    ),
    ...values(
      "Remove it; a store of the whole cluster gives one team's secrets to another.",
      "genericTargets",
      "processClusterExternalSecret",
      "processClusterGenerator",
      "processClusterPushSecret",
      "processClusterStore",
      "processPushSecret",
    ),
  ],
  gatekeeper: [
    ...OTHER_NAMES,
    ...values(
      "Remove it; admission must refuse what it cannot judge, and judge every namespace.",
      "controllerManager.disableWebhookOperation",
      "controllerManager.exemptNamespacePrefixes",
      "controllerManager.exemptNamespaces",
      "disableAudit",
      "disableMutation",
      "disableValidatingWebhook",
      "enableExternalData",
      "enableK8sNativeValidation",
      "validatingWebhookCheckIgnoreFailurePolicy",
      "validatingWebhookCustomRules",
      "validatingWebhookExemptNamespacesLabels",
      "validatingWebhookFailurePolicy",
      "validatingWebhookMatchConditions",
      "validatingWebhookName",
      "validatingWebhookObjectSelector",
      "validatingWebhookURL",
    ),
    ...values(
      REMOVE,
      "audit.disableAuditOperation",
      "defaultCreateVAPBindingForConstraints",
      "defaultCreateVAPForTemplates",
      "postInstall.labelNamespace",
      "postInstall.probeWebhook.enabled",
      "postUpgrade.labelNamespace",
      "preUninstall",
      "upgradeCRDs.enabled",
    ),
  ],
  base: values(REMOVE, "base", "global.istioNamespace", "defaultRevision"),
  istiod: [
    ...values("Set cluster.trustDomain.", "meshConfig.trustDomain", "meshConfig.trustDomainAliases"),
    ...values("Set cluster.clusterDomain.", "global.proxy.clusterDomain"),
    ...values("Set platform.outboundTraffic.", "meshConfig.outboundTrafficPolicy"),
    ...values(
      REMOVE,
      "cni",
      "global.istioNamespace",
      "global.proxy.excludeIPRanges",
      "global.proxy.excludeInboundPorts",
      "global.proxy.excludeOutboundPorts",
      "global.proxy.includeIPRanges",
      "global.proxy.includeInboundPorts",
      "global.proxy.autoInject",
      "global.proxy.includeOutboundPorts",
      "global.proxy.privileged",
      "global.proxy.seccompProfile",
      "meshConfig.defaultConfig",
      "revision",
      "seccompProfile",
    ),
    ...values(
      "Remove it; a pod that gets another sidecar, or none, is outside of the identity layer.",
      "sidecarInjectorWebhook",
    ),
    ...values(
      "Remove it; policies of a root namespace hold for every tenant, and the stack writes none there.",
      "meshConfig.rootNamespace",
    ),
    ...values("Remove it; istiod's environment switches off what it checks.", "env", "envVarFrom", "pilot"),
  ],
  cni: values(
    REMOVE,
    "ambient.enabled",
    "cni.ambient",
    "excludeNamespaces",
    "cni.excludeNamespaces",
    "revision",
  ),
  gateway: [
    ...values(NAMES, "name", "labels", "serviceAccount", "service", "networkGateway", "revision"),
    ...values(REMOVE, "securityContext", "containerSecurityContext", "rbac", "podAnnotations"),
    ...values("Remove it; nothing else runs in the gateway's pod.", "additionalContainers", "initContainers"),
  ],
  "kagent-crds": values(REMOVE, "kmcp", "substrate"),
  kagent: [
    ...OTHER_NAMES,
    ...MORE_OBJECTS,
    ...values(
      "Remove it; what the controller watches follows from tenants.",
      "rbac",
      "controller.watchNamespaces",
    ),
    ...values("Remove it; it follows from routing.", "proxy"),
    ...values(
      "Remove it; built-in agents and tools are off: they would be outside every layer.",
      ...SWITCHED_OFF,
      "providers",
      "substrateWorkerPool",
    ),
    ...values(
      "Remove it; it wins over what the stack writes of users, the database and the watched namespaces.",
      "controller.env",
      "controller.envFrom",
      "ui.env",
    ),
    ...values(
      "Remove it; annotations of a pod in the mesh can take its sidecar out of the way.",
      "podAnnotations",
      "controller.podAnnotations",
      "ui.podAnnotations",
    ),
    ...values(
      "Remove it; a user could send the headers by which agents name themselves.",
      "ui.additionalForwardedHeaders",
    ),
    ...values("Set cluster.entry.", "ui.httpRoute", "ui.openshiftRoute", "ui.route"),
    ...values(
      "Remove it; the URL of the database is mounted there.",
      "controller.volumes",
      "controller.volumeMounts",
    ),
    ...values(
      REMOVE,
      "controller.agentDeployment.podLabels",
      "controller.agentDeployment.serviceAccountName",
      "controller.auth",
      "controller.podLabels",
      "controller.podSecurityContext",
      "controller.securityContext",
      "controller.service",
      "controller.substrate",
      "database.postgres.bundled.enabled",
      "database.postgres.url",
      "database.postgres.urlFile",
      "podLabels",
      "podSecurityContext",
      "securityContext",
      "ui.podLabels",
      "ui.podSecurityContext",
      "ui.securityContext",
      "ui.service",
    ),
  ],
};
