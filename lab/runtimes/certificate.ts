/** A certificate for the stand-in of a model provider, which signs itself. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../stage/wires";

export interface Certificate {
  /** PEM file that a client trusts it by. */
  readonly file: string;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** Valid for a day. Needs openssl(1) of 1.1.1 or newer. */
export async function selfSigned(folder: string, hosts: readonly string[]): Promise<Certificate> {
  const file = join(folder, "model.crt");
  const key = join(folder, "model.key");
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  await command(
    "openssl",
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=model".split(" "),
    ...["-addext", `subjectAltName=${names}`, "-keyout", key, "-out", file],
  );
  return { file, certificate: readFileSync(file, "utf8"), key: readFileSync(key, "utf8") };
}
