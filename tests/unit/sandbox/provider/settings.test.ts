import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectionFrom } from "../../../../sandbox/provider/kubernetes/kubeconfig";
import { checkSettings, diffSettings } from "../../../../sandbox/provider/kubernetes/settings";
import { UNKNOWN } from "../../../../sandbox/provider/rpc/values";

const kubeconfig = (port: number, user = "{token: t0ken}") => `
apiVersion: v1
current-context: one
clusters:
  - {name: c1, cluster: {server: "https://127.0.0.1:${port}/", certificate-authority-data: Y2E=}}
  - {name: c2, cluster: {server: "https://127.0.0.1:1"}}
users:
  - {name: u, user: ${user}}
contexts:
  - {name: one, context: {cluster: c1, user: u, namespace: team}}
  - {name: two, context: {cluster: c2, user: u}}
`;
const choice = (text: string, context?: string) => ({ kubeconfig: text, context, cluster: undefined });

describe("offline provider: settings", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "provider-settings-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("reads a kubeconfig given as text", () => {
    assert.deepEqual(connectionFrom(choice(kubeconfig(1234))), {
      server: "https://127.0.0.1:1234",
      namespace: "team",
      insecure: false,
      ca: Buffer.from("ca"),
      token: "t0ken",
    });
  });

  it("reads one given as a path, with files beside it and another context", () => {
    const file = join(folder, "config");
    writeFileSync(join(folder, "cert.pem"), "cert");
    writeFileSync(file, kubeconfig(1234, "{client-certificate: cert.pem, client-key-data: a2V5}"));
    assert.deepEqual(connectionFrom(choice(file, "two")), {
      server: "https://127.0.0.1:1",
      namespace: "default",
      insecure: false,
      cert: Buffer.from("cert"),
      key: Buffer.from("key"),
    });
  });

  it("says what is wrong with a kubeconfig", () => {
    assert.throws(() => connectionFrom(choice(join(folder, "none"))), /the kubeconfig .*none does not exist/);
    assert.throws(() => connectionFrom(choice(kubeconfig(1), "three")), /has no context "three"/);
    assert.throws(() => connectionFrom(choice(kubeconfig(1, "{exec: {command: aws}}"))), /helper program/);
  });

  it("replaces everything for another cluster, and for nothing less", () => {
    const replaced = (before: object, after: object) =>
      [...diffSettings({ ...before }, { ...after }).changes].map(
        ([path, { replace }]) => `${path} ${replace}`,
      );
    const other = kubeconfig(1, "{token: renewed}");
    assert.deepEqual(replaced({ kubeconfig: kubeconfig(1) }, { kubeconfig: kubeconfig(1) }), []);
    assert.deepEqual(replaced({ kubeconfig: kubeconfig(1) }, { kubeconfig: kubeconfig(2) }), [
      "kubeconfig true",
    ]);
    assert.deepEqual(replaced({ kubeconfig: kubeconfig(1) }, { kubeconfig: other }), ["kubeconfig false"]);
    assert.deepEqual(replaced({ kubeconfig: kubeconfig(1) }, { kubeconfig: UNKNOWN }), ["kubeconfig true"]);
    assert.deepEqual(replaced({ kubeconfig: other }, { kubeconfig: other, context: "two" }), [
      "context true",
    ]);
    const named = { clusterIdentifier: "a" };
    assert.deepEqual(
      replaced({ kubeconfig: kubeconfig(1), ...named }, { kubeconfig: kubeconfig(2), ...named }),
      ["kubeconfig false"],
    );
  });

  it("refuses the options that it does not have", () => {
    const refused = (news: Record<string, string>) =>
      checkSettings(news).failures?.map(({ property }) => property);
    assert.deepEqual(refused({ kubeconfig: "x", enablePatchForce: "true", renderYamlToDirectory: "" }), []);
    assert.deepEqual(refused({ renderYamlToDirectory: "out" }), ["renderYamlToDirectory"]);
    assert.deepEqual(refused({ enableServerSideApply: "false" }), ["enableServerSideApply"]);
  });
});
