/** Helm values that the layers rely on, as they are good: by chart, in the shape of its values. Whatever else governs is refused. */
import { isDeepStrictEqual } from "node:util";
import {
  GATEWAY_LABELS,
  GATEWAY_NAME,
  GATEWAY_PORT,
  GATEWAY_SCOPE,
  ISTIO_NAMESPACE,
} from "../../topology/istio";
import { CONTROLLER_PORT, SWITCHED_OFF, UI_PORT } from "../../topology/kagent";
import { asList, asMap } from "../../topology/loose";
import { CERT_MANAGER_NAMESPACE, type ChartName, GATEKEEPER_NAMESPACE } from "../../topology/platform";
import { DATABASE_MOUNTS, databaseVolumes } from "../../topology/users";

export interface Known {
  /** Whether the value may be so. */
  readonly fits: (value: unknown) => boolean;
  /** Whether the chart's own default is worse. */
  readonly isNeeded: boolean;
}
export interface KnownTree {
  readonly [key: string]: Known | KnownTree;
}

const oneOf = (values: readonly unknown[]) => (value: unknown) =>
  values.some((one) => isDeepStrictEqual(one, value));
const must = (...values: readonly unknown[]): Known => ({ fits: oneOf(values), isNeeded: true });
const may = (...values: readonly unknown[]): Known => ({ fits: oneOf(values), isNeeded: false });
const such = (fits: Known["fits"]): Known => ({ fits, isNeeded: false });
/** Another rule says what it may be. */
const ANY = such(() => true);
export const isKnown = (part: Known | KnownTree): part is Known => typeof part.fits === "function";

/** The one volume of the controller: a single key of the Secret that holds the URL of the database. */
function isDatabaseVolumes(value: unknown): boolean {
  const [volume] = asList(value);
  const { secretName, items } = asMap(asMap(volume).secret);
  const { key } = asMap(asList(items)[0]);
  return isDeepStrictEqual(value, databaseVolumes(String(secretName), String(key)));
}

const OFF = { enabled: may(false) };
const ON = { enabled: may(true) };
const clusterService = (port: number): KnownTree => ({
  type: may("ClusterIP"),
  ports: { port: may(port), targetPort: may(port) },
});

export const KNOWN_VALUES: Readonly<Record<ChartName, KnownTree>> = {
  "cert-manager": {
    crds: { enabled: may(true), keep: may(true) },
    global: { leaderElection: { namespace: may(CERT_MANAGER_NAMESPACE) } },
  },
  "external-secrets": {
    certController: { create: may(false) },
    crds: {
      annotations: { "helm.sh/resource-policy": may("keep") },
      createClusterExternalSecret: may(false),
      createClusterGenerator: may(false),
      createClusterPushSecret: may(false),
      createClusterSecretStore: may(false),
      createPushSecret: may(false),
    },
    installCRDs: may(true),
    leaderElect: may(true),
    processClusterExternalSecret: may(false),
    processClusterGenerator: may(false),
    processClusterPushSecret: may(false),
    processClusterStore: may(false),
    processPushSecret: may(false),
    rbac: { serviceAccountTokenCreate: may(false) },
    webhook: {
      certManager: {
        ...ON,
        cert: {
          create: may(true),
          issuerRef: { group: may("cert-manager.io"), kind: may("Issuer"), name: ANY },
        },
      },
      create: may(true),
      failurePolicy: may("Fail"),
    },
  },
  gatekeeper: {
    controllerManager: {
      exemptNamespaces: may([GATEKEEPER_NAMESPACE]),
      exemptNamespacePrefixes: may([]),
    },
    defaultCreateVAPBindingForConstraints: may(true),
    defaultCreateVAPForTemplates: may(true),
    disableAudit: may(false),
    disableMutation: must(true),
    disableValidatingWebhook: may(false),
    enableExternalData: must(false),
    enableK8sNativeValidation: may(true),
    postInstall: { labelNamespace: OFF, probeWebhook: ON },
    postUpgrade: { labelNamespace: OFF },
    preUninstall: { deleteWebhookConfigurations: OFF },
    upgradeCRDs: ON,
    validatingWebhookCheckIgnoreFailurePolicy: may("Fail"),
    validatingWebhookCustomRules: ANY,
    validatingWebhookExemptNamespacesLabels: may({}),
    validatingWebhookFailurePolicy: may("Fail"),
  },
  base: {},
  istiod: {
    cni: ON,
    env: Object.fromEntries(Object.entries(GATEWAY_SCOPE).map(([key, value]) => [key, must(value)])),
    global: {
      istioNamespace: may(ISTIO_NAMESPACE),
      proxy: { clusterDomain: ANY, seccompProfile: { type: may("RuntimeDefault") } },
    },
    meshConfig: {
      defaultConfig: { holdApplicationUntilProxyStarts: may(true) },
      // Either may be configured; NetworkPolicy bounds both. Left out, it is the wider one.
      outboundTrafficPolicy: { mode: must("REGISTRY_ONLY", "ALLOW_ANY") },
      trustDomain: ANY,
    },
    seccompProfile: { type: may("RuntimeDefault") },
  },
  cni: {},
  gateway: {
    labels: Object.fromEntries(Object.entries(GATEWAY_LABELS).map(([key, value]) => [key, must(value)])),
    rbac: { enabled: must(false) },
    securityContext: { seccompProfile: { type: may("RuntimeDefault") } },
    service: {
      type: may("ClusterIP"),
      ports: may([{ name: "tcp-a2a", port: GATEWAY_PORT, targetPort: GATEWAY_PORT, protocol: "TCP" }]),
    },
    serviceAccount: { create: may(true), name: must(GATEWAY_NAME) },
  },
  "kagent-crds": { kmcp: OFF, substrate: OFF },
  kagent: {
    ...Object.fromEntries(SWITCHED_OFF.map((name) => [name, OFF])),
    controller: {
      auth: { mode: ANY, userIdClaim: ANY },
      service: clusterService(CONTROLLER_PORT),
      volumeMounts: may(DATABASE_MOUNTS),
      volumes: such(isDatabaseVolumes),
    },
    database: { postgres: { bundled: { enabled: may(true, false) }, urlFile: ANY } },
    providers: may(null),
    proxy: { url: ANY },
    rbac: { namespaces: ANY },
    ui: { service: clusterService(UI_PORT) },
  },
};
