/**
 * The intermediate CA that istiod signs workload certificates with, made by cert-manager 1.21 before istiod starts: from a root of
 * this cluster, or by Vault. A selfSigned issuer is no authority for others: it signs the root alone.
 */
import { CERT_MANAGER_NAMESPACE, istio, MANAGED_BY, pki as names, type Topology } from "../../topology/index";
import type { MeshCaSettings } from "../../topology/schema";
import { days } from "../../topology/schema-pki";
import type { VaultSettings } from "../../topology/schema-secrets";
import { type Manifest, objectKey, type Planned } from "../plan/manifest";

type Spec = Readonly<Record<string, unknown>>;

const READY = { "pulumi.com/waitFor": "condition=Ready" };

function object(
  kind: "ClusterIssuer" | "Issuer" | "Certificate",
  name: string,
  namespace: string | undefined,
  spec: Spec,
  settings: MeshCaSettings,
): Manifest {
  return {
    apiVersion: names.CERT_MANAGER_API_VERSION,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: MANAGED_BY,
      ...(settings.await && { annotations: READY }),
    },
    spec,
  };
}

const issuerRef = (kind: "ClusterIssuer" | "Issuer", name: string) => ({
  group: "cert-manager.io",
  kind,
  name,
});

/** Everything that both certificates have. `duration` is set: cert-manager's default is 90 days, for a root too. */
const authority = (commonName: string, duration: string, { organization }: MeshCaSettings) => ({
  isCA: true,
  commonName,
  // A CA without a subject is refused by some verifiers.
  subject: { organizations: [organization] },
  duration,
  usages: ["cert sign", "crl sign", "digital signature"],
});

function selfSigned(settings: MeshCaSettings): Manifest[] {
  return [
    // Not waited for: `selfSigned` is an empty map, which a change of the object, such as of this annotation, would make null.
    object(
      "ClusterIssuer",
      names.SELF_SIGNED_ISSUER,
      undefined,
      { selfSigned: {} },
      { ...settings, await: false },
    ),
    object(
      "Certificate",
      names.MESH_ROOT,
      CERT_MANAGER_NAMESPACE,
      {
        ...authority("Mesh root", days(settings.rootDays), settings),
        secretName: names.MESH_ROOT,
        // A new key would be a new root: every sidecar that trusts the old one would be cut off at once.
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Never" },
        issuerRef: issuerRef("ClusterIssuer", names.SELF_SIGNED_ISSUER),
      },
      settings,
    ),
    object("ClusterIssuer", names.MESH_ROOT, undefined, { ca: { secretName: names.MESH_ROOT } }, settings),
    intermediate(settings, issuerRef("ClusterIssuer", names.MESH_ROOT)),
  ];
}

function intermediate(settings: MeshCaSettings, reference: Spec): Manifest {
  return object(
    "Certificate",
    names.MESH_INTERMEDIATE,
    istio.ISTIO_NAMESPACE,
    {
      ...authority("Mesh intermediate", days(settings.intermediateDays), settings),
      secretName: names.ISTIOD_CA_SECRET,
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      issuerRef: reference,
    },
    settings,
  );
}

/** cert-manager signs in to Vault as a service account whose token it, and nobody else, may mint. */
function vaultRights(): Manifest[] {
  const [name, namespace] = [names.MESH_INTERMEDIATE, istio.ISTIO_NAMESPACE];
  const metadata = { name, namespace, labels: MANAGED_BY };
  const apiGroup = "rbac.authorization.k8s.io";
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata, automountServiceAccountToken: false },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "Role",
      metadata,
      rules: [
        { apiGroups: [""], resources: ["serviceaccounts/token"], resourceNames: [name], verbs: ["create"] },
      ],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name },
      subjects: [
        {
          kind: "ServiceAccount",
          name: names.CERT_MANAGER_SERVICE_ACCOUNT,
          namespace: CERT_MANAGER_NAMESPACE,
        },
      ],
    },
  ];
}

function byVault(settings: MeshCaSettings, vault: VaultSettings): Manifest[] {
  if (settings.vault === undefined) throw new Error("a checked configuration has no meshCa.vault");
  const { path, role } = settings.vault;
  return [
    ...vaultRights(),
    object(
      "Issuer",
      names.MESH_INTERMEDIATE,
      istio.ISTIO_NAMESPACE,
      {
        vault: {
          server: vault.address,
          path,
          ...(vault.namespace !== undefined && { namespace: vault.namespace }),
          ...(vault.caBundle !== undefined && { caBundle: vault.caBundle }),
          auth: {
            kubernetes: {
              // Unlike External Secrets, cert-manager wants the whole path of the API.
              mountPath: `/v1/auth/${vault.auth.mount}`,
              role,
              serviceAccountRef: { name: names.MESH_INTERMEDIATE },
            },
          },
        },
      },
      settings,
    ),
    intermediate(settings, issuerRef("Issuer", names.MESH_INTERMEDIATE)),
  ];
}

const isRoot = ({ kind, metadata }: Manifest): boolean =>
  kind === "Certificate" && metadata.name === names.MESH_ROOT;

/** In order, each behind the one before: an issuer is Ready only once what it signs with is there. */
export function meshAuthority({ pki, meshCa, vault, platform }: Topology): Planned[] {
  if (pki === "none") return [];
  const chain = pki === "vault" && vault !== undefined ? byVault(meshCa, vault) : selfSigned(meshCa);
  return chain.map((manifest, index) => ({
    layer: "pki",
    manifest,
    after: chain.slice(Math.max(0, index - 1), index).map(objectKey),
    // Every certificate of the mesh hangs on its key, which is nowhere else.
    ...(isRoot(manifest) && platform.protect && { protect: true }),
  }));
}
