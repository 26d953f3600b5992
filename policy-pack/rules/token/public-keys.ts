import { TOKEN_ISSUER } from "../../../topology/token";
import { rule } from "../../framework/rule";
import { ISTIO_SECURITY } from "../../reading/kinds";

/** Members of a JSON Web Key that are private (RFC 7517, 7518, 8037). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

interface Jwk {
  readonly kty?: unknown;
  readonly crv?: unknown;
  readonly x?: unknown;
}

function keysOf(text: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const keys =
      typeof parsed === "object" && parsed !== null ? (parsed as { keys?: unknown }).keys : undefined;
    return Array.isArray(keys) ? keys : undefined;
  } catch {
    return undefined;
  }
}

export const publicKeys = rule({
  name: "token-public-keys",
  layer: "token",
  severity: "critical",
  description: "The keys that tokens are checked with are Ed25519 public keys, and nothing private.",
  why: "Everyone who may read a RequestAuthentication reads them: with a private or symmetric key they mint tokens of any caller.",
  remediation: ["Write:", '  jwks: \'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "..."}]}\''],
  readsAtUp: { group: ISTIO_SECURITY, kind: "RequestAuthentication" },
  subjects: (stack) =>
    stack
      .of(ISTIO_SECURITY, "RequestAuthentication")
      .flatMap((object) => object.spec.at("jwtRules").items())
      .filter((entry) => entry.at("issuer").text() === TOKEN_ISSUER),
  *check(entry) {
    const field = entry.at("jwks");
    if (!field.isPresent) return;
    const keys = keysOf(field.text() ?? "");
    if (keys === undefined || keys.length === 0) {
      yield field.finding("must be a JSON Web Key Set with a key.");
      return;
    }
    for (const key of keys) {
      const jwk = (typeof key === "object" && key !== null ? key : {}) as Jwk;
      if (PRIVATE.some((member) => Object.hasOwn(jwk, member)))
        yield field.finding(
          "holds a private or symmetric key. Publish public keys only, and replace this one.",
        );
      else if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519" || typeof jwk.x !== "string")
        yield field.finding("must hold Ed25519 public keys (kty OKP, crv Ed25519, x).");
    }
  },
});
