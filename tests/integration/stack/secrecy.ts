/** Where secrets are after a stack came up: in the API server's storage and, encrypted, in the engine's state. Nowhere else. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../../support/kube-api";
import type { TestSandbox } from "../../support/sandbox";

/** Every file of the sandbox but the storage of the API server and the passphrase that encrypts the state. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(folder, "etcd")) && path !== join(folder, "run", "passphrase"));
}

interface AuditEvent {
  readonly verb: string;
  readonly objectRef?: { resource?: string; namespace?: string; name?: string };
  readonly requestObject?: KubeObject;
  readonly responseObject?: KubeObject;
}

export function describeSecrecy(sandbox: TestSandbox): void {
  /** Texts that must appear nowhere: tokens, API keys, and what the signing keys are made from. */
  async function secrets(): Promise<string[]> {
    const objects = await sandbox.api.list("/api/v1/secrets");
    const values = objects
      .flatMap(({ data }) => Object.values((data ?? {}) as Record<string, string>))
      .map((text) => Buffer.from(text, "base64").toString());
    const { stack } = sandbox.deployed;
    const { pulumiCommand, workDir, envVars } = stack.workspace;
    const shown = execFileSync(
      pulumiCommand.command,
      ["stack", "export", "--show-secrets", "--stack", stack.name],
      { cwd: workDir, env: { ...process.env, ...envVars }, encoding: "utf8" },
    );
    const { deployment } = JSON.parse(shown) as {
      deployment: { resources: { type: string; outputs?: { result?: { plaintext?: string } } }[] };
    };
    const passwords = deployment.resources
      .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
      .map(({ outputs }) => JSON.parse(outputs?.result?.plaintext ?? '""') as string);
    assert.ok(passwords.length > 0 && passwords.every((password) => password.length === 64));
    return [...values, ...passwords];
  }

  describe("secrets", () => {
    it("stand in no file of the sandbox, as they are or in base64", async () => {
      const texts = (await secrets()).flatMap((text) => [text, Buffer.from(text).toString("base64")]);
      assert.ok(texts.length >= 8, "two API keys, a token and a password were expected");
      const paths = files(sandbox.home.path);
      for (const part of ["audit.log", "sandbox.json", "kube-apiserver.log", "Pulumi.sandbox.yaml"])
        assert.ok(
          paths.some((path) => path.endsWith(part)),
          `${part} was not searched`,
        );
      for (const path of paths) {
        const content = readFileSync(path, "utf8");
        assert.ok(!texts.some((text) => content.includes(text)), `${path} holds a secret`);
      }
    });

    it("are in nothing that the engine says", async () => {
      const { stack, result } = sandbox.deployed;
      const outputs = JSON.stringify([await stack.outputs(), result.output]);
      for (const text of await secrets()) {
        assert.ok(!sandbox.output.includes(text), "the engine's events hold a secret");
        assert.ok(!outputs.includes(text), "the outputs hold a secret");
      }
    });

    it("leave their names in the audit log, while Agents stand there with their whole body", () => {
      const events = readFileSync(sandbox.home.auditLog, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as AuditEvent);
      const agent = events.find(
        // A preview asks as well, without effect.
        ({ verb, objectRef, responseObject }) =>
          verb === "create" &&
          objectRef?.resource === "agents" &&
          objectRef.namespace === "team-alpha" &&
          responseObject?.kind === "Agent",
      );
      assert.match(JSON.stringify(agent?.requestObject), /"systemMessage":"/);
      assert.match(JSON.stringify(agent?.responseObject), /"uid":"/);

      const ofSecrets = events.filter(({ objectRef }) => objectRef?.resource === "secrets");
      const names = ofSecrets.filter(({ verb }) => verb === "create").map(({ objectRef }) => objectRef?.name);
      assert.ok(names.includes("orchestrator-a2a-tokens"), names.join(", "));
      assert.deepEqual(
        ofSecrets.filter((event) => event.requestObject ?? event.responseObject),
        [],
      );
    });
  });
}
