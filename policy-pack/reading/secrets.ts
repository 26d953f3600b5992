/** What looks like a credential, and who writes which Secret. */
import { KAGENT_API_GROUP } from "../../topology/kagent";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { CERT_MANAGER, CORE, EXTERNAL_SECRETS } from "./kinds";

/** Forms of key material that are the same everywhere: PEM keys, JWTs, keys of well-known services. */
const KEY_MATERIAL = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/,
  /\bsk-[\w-]{16,}/,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/,
  /\bgithub_pat_\w{20,}/,
  /\bxox[abprs]-[\w-]{10,}/,
  /\bAIza[\w-]{30,}/,
  /\bhvs\.[\w-]{20,}/,
  // Words have no digits, tokens do.
  /\bBearer\s+(?=[\w.~+/=-]*\d)[\w.~+/=-]{16,}/,
  // A password in an address; what stands in its place is none.
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@${}<>*]+@/i,
] as const;

/** `Basic` and a user with a password, as it is encoded in a header. */
const hasBasicCredentials = (text: string): boolean =>
  [...text.matchAll(/\bBasic\s+([\w+/=]{8,})/g)].some(([, encoded = ""]) =>
    /^[\x20-\x7e]*:[\x20-\x7e]*$/.test(Buffer.from(encoded, "base64").toString("latin1")),
  );
export const looksLikeKey = (text: string): boolean =>
  KEY_MATERIAL.some((form) => form.test(text)) || hasBasicCredentials(text);

/** Names under which people keep credentials; what only refers to one is none. */
const CREDENTIAL_NAME =
  /(^|[^a-z])(api[-_.]?key|access[-_.]?key|private[-_.]?key|secret[-_.]?key|client[-_.]?secret|secret|token|password|passwd|passphrase|credentials?|authorization|cookie)$/;
const spaced = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
/** Fields that hold the name of a Secret, or of a key in one; the last are annotations of ingress controllers. */
const REFERENCE_NAME =
  /(^|-)(api-key-secret(-key|-ref)?|existing-secret|secret-name|secret-ref)$|\/(auth|auth-tls)-secret$/;
export const namesCredential = (name: string): boolean =>
  CREDENTIAL_NAME.test(spaced(name)) && !REFERENCE_NAME.test(spaced(name));

export interface Writer {
  readonly object: StackObject;
  /** `<namespace>/<secret>`. */
  readonly secret: string;
}

/** Everything that writes a Secret: the object itself, what makes one, and kagent, which names one like each Agent. */
export function secretWriters(stack: StackIndex): Writer[] {
  const write = (object: StackObject, name: string | undefined): Writer[] =>
    name === undefined || name === "" ? [] : [{ object, secret: `${object.namespace}/${name}` }];
  return [
    ...stack.of(CORE, "Secret").flatMap((object) => write(object, object.name)),
    ...stack
      .of(EXTERNAL_SECRETS, "ExternalSecret")
      .filter((object) => object.spec.at("target", "creationPolicy").text() !== "None")
      .flatMap((object) => write(object, object.spec.at("target", "name").text() ?? object.name)),
    ...stack
      .of(CERT_MANAGER, "Certificate")
      .flatMap((object) => write(object, object.spec.at("secretName").text())),
    ...stack.of(KAGENT_API_GROUP, "Agent").flatMap((object) => write(object, object.name)),
  ];
}

function writersBySecret(stack: StackIndex): ReadonlyMap<string, readonly Writer[]> {
  const map = new Map<string, Writer[]>();
  for (const writer of secretWriters(stack))
    map.set(writer.secret, [...(map.get(writer.secret) ?? []), writer]);
  return map;
}
export const writersOf = (stack: StackIndex, secret: string): readonly Writer[] =>
  stack.derive(writersBySecret).get(secret) ?? [];

function credentialSecrets(stack: StackIndex): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { namespace, name } of stack.of(KAGENT_API_GROUP, "Agent")) names.add(`${namespace}/${name}`);
  for (const config of stack.of(KAGENT_API_GROUP, "ModelConfig")) {
    const key = config.spec.at("apiKeySecret").text();
    if (key !== undefined) names.add(`${config.namespace}/${key}`);
  }
  return names;
}
/** Secrets with another object's credentials: kagent's own for each Agent, and API keys of models. */
export const isOthersCredential = (stack: StackIndex, secret: string): boolean =>
  stack.derive(credentialSecrets).has(secret);
