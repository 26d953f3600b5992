import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { SandboxHome } from "./home";

/** Files that prove who is who. */
export interface CredentialFiles {
  /** Bearer tokens of the API server's two clients, a static token file (kube-apiserver --token-auth-file). */
  tokens: string;
  /** Key the API server signs service account tokens with. */
  serviceAccountKey: string;
  /** The API server's certificate, which it signs itself when the file is not there. Its clients pin it. */
  servingCertificate: string;
}

export const clients = ["sandbox-admin", "system:kube-controller-manager"] as const;
export type Client = (typeof clients)[number];

/** Groups of a client; the bootstrap roles give the controller manager its rights by its user name. */
const groups: Record<Client, string> = {
  "sandbox-admin": "system:masters",
  "system:kube-controller-manager": "",
};

export function credentialFiles(home: SandboxHome): CredentialFiles {
  return {
    tokens: join(home.pki, "tokens.csv"),
    serviceAccountKey: join(home.pki, "service-account.key"),
    servingCertificate: join(home.pki, "apiserver.crt"),
  };
}

/** Creates what is missing of the key and the tokens. */
export function ensureCredentials(home: SandboxHome): CredentialFiles {
  const files = credentialFiles(home);
  if (home.read(files.serviceAccountKey) === undefined) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    home.write(files.serviceAccountKey, privateKey.export({ type: "sec1", format: "pem" }).toString());
  }
  if (home.read(files.tokens) === undefined) {
    const line = (client: Client) => {
      const columns = [randomBytes(32).toString("hex"), client, client, groups[client]];
      return `${columns.filter((column) => column !== "").join(",")}\n`;
    };
    home.write(files.tokens, clients.map(line).join(""));
  }
  return files;
}

/** A client's token, or undefined before there are any. */
export function tokenOf(client: Client, home: SandboxHome): string | undefined {
  const lines = home.read(credentialFiles(home).tokens)?.split("\n") ?? [];
  return lines.map((line) => line.split(",")).find(([, user]) => user === client)?.[0];
}

/** The certificate lasts a year; renewing it a week early spares a running sandbox the surprise. */
const renewBeforeMs = 7 * 24 * 3_600_000;

/** Deletes a certificate that ends soon, so that the API server makes a new one when it starts next. */
export function discardExpiring(home: SandboxHome, now = Date.now()): boolean {
  const file = credentialFiles(home).servingCertificate;
  const certificate = home.read(file);
  if (!certificate || Date.parse(new X509Certificate(certificate).validTo) - now > renewBeforeMs)
    return false;
  home.writing(() => rmSync(file));
  return true;
}

export function kubeconfig(url: string, certificate: string, user: Client, token: string): string {
  const name = "kagent-a2a-sandbox";
  const authority = Buffer.from(certificate).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": authority } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user } }],
    "current-context": name,
  });
}
