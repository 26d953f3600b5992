import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plan } from "../../../components/plan/plan";
import { pki } from "../../../topology";
import { all, withMeshAuthority, withVault } from "../../support/configurations";
import { devTopology, type Edit } from "../../support/dev";

const chainOf = (...edits: Edit[]) => plan(devTopology(all(...edits))).filter(({ layer }) => layer === "pki");
// biome-ignore lint/suspicious/noExplicitAny: a test reads any field
const specs = (...edits: Edit[]): any[] => chainOf(...edits).map(({ manifest }) => manifest.spec);

describe("the mesh's certificate authority", () => {
  const byVault: Edit = all(withVault, (c) => {
    c.pki = "vault";
    c.meshCa = { vault: { role: "kagent-a2a-mesh" } };
  });

  it("is a root of this cluster where the stack installs Istio, and nobody's business where it does not, or with pki: none", () => {
    assert.deepEqual(chainOf(), chainOf(withMeshAuthority));
    for (const edit of [
      (c) => {
        c.platform.istio = { install: false };
      },
      (c) => {
        c.pki = "none";
      },
    ] satisfies Edit[])
      assert.deepEqual(chainOf(edit), []);
  });

  it("signs in to Vault as the role that the documentation tells to make", () => {
    const text = readFileSync(join(__dirname, "../../../docs/operations.md"), "utf8");
    const issuer =
      chainOf(byVault).find(({ manifest }) => manifest.kind === "Issuer")?.manifest ?? assert.fail();
    const { name, namespace } = issuer.metadata;
    // As cert-manager composes it for an Issuer (internal/vault/vault.go, 1.21).
    assert.equal(pki.VAULT_PKI_AUDIENCE, `vault://${namespace}/${name}`);
    const [{ vault }] = specs(byVault).filter((spec) => spec?.vault !== undefined);
    for (const words of [
      `bound_service_account_names=${vault.auth.kubernetes.serviceAccountRef.name} `,
      `bound_service_account_namespaces=${namespace} `,
      `audience=${pki.VAULT_PKI_AUDIENCE} `,
      `path "${vault.path}"`,
    ])
      assert.ok(text.includes(words), words);
  });

  it("is a root, which alone a selfSigned issuer signs, and an intermediate that the root signs", () => {
    assert.deepEqual(
      chainOf(withMeshAuthority).map(({ key }) => key),
      [
        "cert-manager.io/v1/ClusterIssuer//mesh-self-signed",
        "cert-manager.io/v1/Certificate/cert-manager/mesh-root",
        "cert-manager.io/v1/ClusterIssuer//mesh-root",
        "cert-manager.io/v1/Certificate/istio-system/mesh-intermediate",
      ],
    );
    const [issuer, root, authority, intermediate] = specs(withMeshAuthority);
    assert.deepEqual(issuer, { selfSigned: {} });
    assert.deepEqual([root.isCA, root.issuerRef.name], [true, "mesh-self-signed"]);
    assert.deepEqual(authority, { ca: { secretName: root.secretName } });
    assert.deepEqual([intermediate.isCA, intermediate.issuerRef.name], [true, "mesh-root"]);
    assert.equal(intermediate.secretName, "cacerts");
    for (const { subject, commonName } of [root, intermediate])
      assert.deepEqual([subject.organizations, commonName !== ""], [["kagent-a2a"], true]);
  });

  it("keeps the root's key for as long as the root lives, and changes the intermediate's with each renewal", () => {
    const [, root, , intermediate] = specs(withMeshAuthority);
    assert.deepEqual([root.privateKey.rotationPolicy, root.duration], ["Never", "87600h0m0s"]);
    assert.deepEqual(
      [intermediate.privateKey.rotationPolicy, intermediate.duration],
      ["Always", "8760h0m0s"],
    );
  });

  it("is there before anything of Istio", () => {
    const objects = plan(devTopology(withMeshAuthority));
    const intermediate = "cert-manager.io/v1/Certificate/istio-system/mesh-intermediate";
    const istiod = objects.find(({ key }) => key === "helm.sh/v3/Release/istio-system/istiod");
    assert.ok(istiod?.dependsOn.includes(intermediate));
  });

  it("comes from Vault by an account whose token cert-manager alone may mint", () => {
    const [account, role, binding, issuer, intermediate] = chainOf(byVault).map(({ manifest }) => manifest);
    assert.equal(account?.automountServiceAccountToken, false);
    assert.deepEqual(role?.rules, [
      {
        apiGroups: [""],
        resources: ["serviceaccounts/token"],
        resourceNames: ["mesh-intermediate"],
        verbs: ["create"],
      },
    ]);
    assert.deepEqual(binding?.subjects, [
      { kind: "ServiceAccount", name: "cert-manager", namespace: "cert-manager" },
    ]);
    assert.deepEqual(issuer?.spec, {
      vault: {
        server: "https://vault.example.com:8200",
        path: "pki/root/sign-intermediate",
        auth: {
          kubernetes: {
            mountPath: "/v1/auth/kubernetes",
            role: "kagent-a2a-mesh",
            serviceAccountRef: { name: "mesh-intermediate" },
          },
        },
      },
    });
    assert.deepEqual(
      [intermediate?.kind, intermediate?.metadata.namespace, specs(byVault).at(-1).secretName],
      ["Certificate", "istio-system", "cacerts"],
    );
    assert.ok(!chainOf(byVault).some(({ manifest }) => manifest.kind === "ClusterIssuer"));
  });

  it("is waited for unless told, but for the object that must never change", () => {
    const waiting = chainOf(withMeshAuthority)
      .filter(({ manifest }) => manifest.metadata.annotations !== undefined)
      .map(({ manifest }) => manifest.metadata.name);
    assert.deepEqual(waiting, ["mesh-root", "mesh-root", "mesh-intermediate"]);
    const told: Edit = all(withMeshAuthority, (c) => {
      c.meshCa = { await: false };
    });
    assert.ok(chainOf(told).every(({ manifest }) => manifest.metadata.annotations === undefined));
  });
});
