/**
 * Keys and signatures of delegation tokens: Ed25519 (RFC 8037), accepted by Envoy's `jwt_authn` (measured, Envoy 1.40).
 * Deterministic: the same password gives the same key, and the same claims the same token, so an unchanged stack has no diff.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { keyId, type TokenClaims } from "../../topology/index";

/** PKCS#8 of an Ed25519 private key, up to its 32-byte seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly use: "sig";
  readonly alg: "EdDSA";
  readonly kid: string;
  readonly x: string;
}

/** The seed is the SHA-256 of the password, so a password of any length makes a key of the right one. */
export function signingKey(password: string): KeyObject {
  const seed = createHash("sha256").update(password).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
}

export function publicJwk(password: string, generation: string): PublicJwk {
  const { x = "" } = createPublicKey(signingKey(password)).export({ format: "jwk" });
  return { kty: "OKP", crv: "Ed25519", use: "sig", alg: "EdDSA", kid: keyId(generation), x };
}

/** JSON Web Key Set with the public keys, as Istio takes it inline. */
export function jwks(keys: readonly PublicJwk[]): string {
  return JSON.stringify({ keys });
}

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** A signed token in compact form (RFC 7515). Secret. */
export function signToken(claims: TokenClaims, password: string, generation: string): string {
  const signed = `${encode({ alg: "EdDSA", typ: "JWT", kid: keyId(generation) })}.${encode(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), signingKey(password)).toString("base64url")}`;
}
