/** External Secrets Operator 2.9 (chart external-secrets): stores of one namespace only, webhook certificate by cert-manager. */
import { EXTERNAL_SECRETS_NAMESPACE, MANAGED_BY, type Topology } from "../../topology/index";
import { type Manifest, objectKey, type Planned } from "../plan/manifest";
import { CERT_MANAGER } from "./cert-manager";
import { type PlannedRelease, plannedRelease, releaseOf } from "./release";

export const EXTERNAL_SECRETS = releaseOf("external-secrets");

const AUTHORITY = "webhook-authority";
const API_VERSION = "cert-manager.io/v1";
const metadata = (name: string) => ({ name, namespace: EXTERNAL_SECRETS_NAMESPACE, labels: MANAGED_BY });

const ROOT_ISSUER: Manifest = {
  apiVersion: API_VERSION,
  kind: "Issuer",
  metadata: metadata(`${AUTHORITY}-root`),
  spec: { selfSigned: {} },
};
const ROOT: Manifest = {
  apiVersion: API_VERSION,
  kind: "Certificate",
  metadata: {
    ...metadata(AUTHORITY),
    // The issuer below reads its Secret.
    annotations: { "pulumi.com/waitFor": "condition=Ready" },
  },
  spec: {
    isCA: true,
    commonName: "external-secrets webhook authority",
    secretName: AUTHORITY,
    duration: "87600h",
    privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
    issuerRef: { group: "cert-manager.io", kind: "Issuer", name: `${AUTHORITY}-root` },
  },
};
const ISSUER: Manifest = {
  apiVersion: API_VERSION,
  kind: "Issuer",
  metadata: { ...metadata(AUTHORITY), annotations: { "pulumi.com/waitFor": "condition=Ready" } },
  spec: { ca: { secretName: AUTHORITY } },
};

/** Who signs the operator's webhook certificate: an authority of its own namespace, which signs nothing else. */
export function webhookAuthority({ platform }: Topology): Planned[] {
  if (!platform.externalSecrets.install) return [];
  return [
    { layer: "platform", manifest: ROOT_ISSUER },
    { layer: "platform", manifest: ROOT, after: [objectKey(ROOT_ISSUER)] },
    { layer: "platform", manifest: ISSUER, after: [objectKey(ROOT)] },
  ];
}

export function externalSecretsReleases(topology: Topology): PlannedRelease[] {
  const { highAvailability } = topology.platform;
  const replicas = {
    replicaCount: highAvailability ? 2 : 1,
    podDisruptionBudget: { enabled: highAvailability, minAvailable: 1 },
  };
  return [
    plannedRelease(
      {
        chart: "external-secrets",
        after: [CERT_MANAGER, objectKey(ISSUER)],
        suggested: { ...replicas, webhook: replicas },
        governed: {
          leaderElect: true,
          installCRDs: true,
          crds: {
            // They are templates of the chart: without this an uninstall deletes every ExternalSecret of the cluster.
            annotations: { "helm.sh/resource-policy": "keep" },
            createClusterExternalSecret: false,
            createClusterGenerator: false,
            createClusterPushSecret: false,
            createClusterSecretStore: false,
            createPushSecret: false,
          },
          // One tenant's store must be of no use to another.
          processClusterExternalSecret: false,
          processClusterGenerator: false,
          processClusterPushSecret: false,
          processClusterStore: false,
          processPushSecret: false,
          // Otherwise the operator may mint a token of every account of the cluster.
          rbac: { serviceAccountTokenCreate: false },
          webhook: {
            create: true,
            failurePolicy: "Fail",
            certManager: {
              enabled: true,
              cert: {
                create: true,
                issuerRef: { group: "cert-manager.io", kind: "Issuer", name: AUTHORITY },
              },
            },
          },
          // It would write the webhook's certificate a second time.
          certController: { create: false },
        },
      },
      topology,
    ),
  ];
}
