/** A certificate for a webhook on loopback, signed by an authority that exists for one test only. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes `tls.crt` and `tls.key` for 127.0.0.1 into the folder; returns the authority, base64, as a webhook
 * configuration's `caBundle` wants it. Needs openssl 3 on the PATH.
 */
export function webhookCertificate(folder: string): string {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-days",
    "2",
    "-subj",
    "/CN=test authority",
  );
  openssl(
    ...[
      "req",
      "-x509",
      ...key,
      "-keyout",
      "tls.key",
      "-out",
      "tls.crt",
      "-days",
      "1",
      "-subj",
      "/CN=webhook",
    ],
    ...["-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  );
  return readFileSync(at("ca.crt")).toString("base64");
}
