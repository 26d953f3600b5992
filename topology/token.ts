/**
 * What a delegation token says. The signature is made elsewhere, from a key that only the engine knows.
 * A token has no expiry: the value that the agent holds is copied into its own configuration by the controller
 * and changes only with a new key generation (kagent 0.10).
 */
import { createHash } from "node:crypto";
import { type AgentRef, dottedId } from "./names";

/** No slash: istiod splits a request principal at its last slash (measured, istiod 1.31), and ours is between the two. */
export const TOKEN_ISSUER = "kagent-a2a";
/** Header that carries the token. `Authorization` belongs to the user's own identity. */
export const TOKEN_HEADER = "X-Agent-Token";

export interface TokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly jti: string;
}

/** Names a signing key in the token header and in the JWKS. */
export const keyId = (generation: string): string => `${TOKEN_ISSUER}-${generation}`;

export const audience = (callee: AgentRef): string => dottedId(callee);
export const subject = (caller: AgentRef): string => dottedId(caller);
/** What Istio compares with `requestPrincipals`. */
export const requestPrincipal = (caller: AgentRef): string => `${TOKEN_ISSUER}/${subject(caller)}`;

export function tokenClaims(caller: AgentRef, callee: AgentRef, generation: string): TokenClaims {
  const [sub, aud] = [subject(caller), audience(callee)];
  return { iss: TOKEN_ISSUER, sub, aud, jti: `${sub}/${aud}/${generation}` };
}

/** Length of the fingerprint in hexadecimal digits: 64 bits, enough to tell two renderings apart. */
const FINGERPRINT_LENGTH = 16;

/** Changes exactly when a token of this caller does, and is known before any key exists. */
export function tokenFingerprint(caller: AgentRef, callees: readonly AgentRef[], generation: string): string {
  const claims = callees.map((callee) => tokenClaims(caller, callee, generation).jti).sort();
  return createHash("sha256").update(JSON.stringify(claims)).digest("hex").slice(0, FINGERPRINT_LENGTH);
}
