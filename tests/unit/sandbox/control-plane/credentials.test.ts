import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { parse } from "yaml";
import { SandboxHome } from "../../../../sandbox/control-plane";
import {
  discardExpiring,
  ensureCredentials,
  kubeconfig,
  tokenOf,
} from "../../../../sandbox/control-plane/credentials";

describe("credentials of a control plane", () => {
  let folder: string;
  let home: SandboxHome;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-credentials-"));
    home = new SandboxHome(join(folder, "home"));
    home.prepare();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are random, private, and made once", () => {
    assert.equal(tokenOf("sandbox-admin", home), undefined);
    const files = ensureCredentials(home);
    const tokens = home.read(files.tokens) ?? "";
    assert.match(
      tokens,
      /^[0-9a-f]{64},sandbox-admin,sandbox-admin,system:masters\n[0-9a-f]{64},(system:kube-controller-manager),\1\n$/,
    );
    assert.equal(createPrivateKey(home.read(files.serviceAccountKey) ?? "").asymmetricKeyType, "ec");
    assert.equal(statSync(files.tokens).mode & 0o777, 0o600);
    assert.equal(statSync(files.serviceAccountKey).mode & 0o777, 0o600);
    ensureCredentials(home);
    assert.equal(home.read(files.tokens), tokens);
    assert.equal(tokenOf("sandbox-admin", home), tokens.slice(0, 64));
  });

  it("give up a serving certificate a week before it ends", () => {
    const { servingCertificate } = ensureCredentials(home);
    assert.equal(discardExpiring(home), false);
    const certificate = rootCertificates[0] ?? "";
    const end = Date.parse(new X509Certificate(certificate).validTo);
    const day = 24 * 3_600_000;
    home.write(servingCertificate, certificate);
    assert.equal(discardExpiring(home, end - 8 * day), false);
    assert.equal(existsSync(servingCertificate), true);
    assert.equal(discardExpiring(home, end - 6 * day), true);
    assert.equal(existsSync(servingCertificate), false);
  });

  it("become a kubeconfig that pins the certificate", () => {
    assert.deepEqual(parse(kubeconfig("https://127.0.0.1:6443", "certificate", "sandbox-admin", "token")), {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "kagent-a2a-sandbox",
          cluster: {
            server: "https://127.0.0.1:6443",
            "certificate-authority-data": Buffer.from("certificate").toString("base64"),
          },
        },
      ],
      users: [{ name: "sandbox-admin", user: { token: "token" } }],
      contexts: [
        { name: "kagent-a2a-sandbox", context: { cluster: "kagent-a2a-sandbox", user: "sandbox-admin" } },
      ],
      "current-context": "kagent-a2a-sandbox",
    });
  });
});
