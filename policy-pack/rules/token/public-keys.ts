import { TOKEN_ISSUER } from "../../../topology/token";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
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

const entries = (stack: StackIndex): readonly Field[] =>
  stack
    .of(ISTIO_SECURITY, "RequestAuthentication")
    .flatMap((object) => object.spec.at("jwtRules").items())
    .filter((entry) => entry.at("issuer").text() === TOKEN_ISSUER);

function* wrongKeys(field: Field): Iterable<Finding> {
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
}

/** Whether two sets say the same: both literally, or both later. */
const areSame = (a: Field, b: Field): boolean =>
  a.isUnknown || b.isUnknown ? a.isUnknown === b.isUnknown : a.text() === b.text();

export const publicKeys = rule({
  name: "token-public-keys",
  layer: "token",
  severity: "critical",
  description:
    "Tokens are checked with Ed25519 public keys, the same ones at the gateway and at every callee, and nothing private.",
  why: "Everyone who may read a RequestAuthentication reads them: with a private or symmetric key they mint tokens of any caller, and so does whoever has the other half of a key that was added.",
  remediation: [
    "Write, the same in each RequestAuthentication:",
    '  jwks: \'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "..."}]}\'',
  ],
  readsAtUp: { group: ISTIO_SECURITY, kind: "RequestAuthentication" },
  subjects: (stack) => stack.derive(entries),
  *check(entry, stack) {
    const field = entry.at("jwks");
    if (!field.isPresent) return;
    const problems = field.isUnknown ? [] : [...wrongKeys(field)];
    yield* problems;
    const [first = entry] = stack.derive(entries);
    if (problems.length === 0 && !areSame(field, first.at("jwks")))
      yield field.finding(
        `holds other keys than ${first.object.title}. One issuer has one set: write it in both.`,
      );
    // Which keys they are, a preview cannot say.
    field.text();
  },
});
