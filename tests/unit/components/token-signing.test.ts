import * as assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import * as fc from "fast-check";
import { jwks, publicJwk, signingKey, signToken } from "../../../components/layers/token-signing";
import { tokenClaims } from "../../../topology";

const PASSWORD = "p".repeat(64);
const claims = tokenClaims(
  { tenant: "team-alpha", name: "orchestrator" },
  { tenant: "team-beta", name: "specialist" },
  "1",
);
const decode = (part = ""): unknown => JSON.parse(Buffer.from(part, "base64url").toString());

/** As anybody checks it who knows only the published key. */
function isSignedBy(token: string, jwk: object): boolean {
  const [header, payload, signature = ""] = token.split(".");
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  return verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
}

describe("a delegation token", () => {
  it("is an EdDSA JWT that names its key and says what was claimed", () => {
    const [header, payload, signature, ...more] = signToken(claims, PASSWORD, "1").split(".");
    assert.deepEqual(decode(header), { alg: "EdDSA", typ: "JWT", kid: "kagent-a2a-1" });
    assert.deepEqual(decode(payload), {
      iss: "kagent-a2a",
      sub: "team-alpha.orchestrator",
      aud: "team-beta.specialist",
      jti: "team-alpha.orchestrator/team-beta.specialist/1",
    });
    assert.equal(Buffer.from(signature ?? "", "base64url").length, 64);
    assert.deepEqual(more, []);
  });

  it("is accepted with the published key of its own password, and with no other", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (password, other) => {
        const token = signToken(claims, password, "1");
        assert.ok(isSignedBy(token, publicJwk(password, "1")));
        assert.equal(isSignedBy(token, publicJwk(other, "1")), password === other);
      }),
      { numRuns: 50 },
    );
  });

  it("is refused when a claim is changed", () => {
    const [header, , signature] = signToken(claims, PASSWORD, "1").split(".");
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "team-alpha.other" })).toString("base64url");
    assert.ok(!isSignedBy(`${header}.${forged}.${signature}`, publicJwk(PASSWORD, "1")));
  });

  it("is the same each time, and another for other claims", () => {
    assert.equal(signToken(claims, PASSWORD, "1"), signToken({ ...claims }, PASSWORD, "1"));
    assert.notEqual(signToken(claims, PASSWORD, "1"), signToken({ ...claims, aud: "x" }, PASSWORD, "1"));
  });
});

describe("the published key set", () => {
  const keys = [publicJwk(PASSWORD, "2"), publicJwk(`${PASSWORD}x`, "1")];

  it("names generations apart, with a key of its own each", () => {
    const parsed = JSON.parse(jwks(keys)).keys;
    assert.deepEqual(
      parsed.map(({ kid, kty, crv, alg, use }: Record<string, string>) => [kid, kty, crv, alg, use]),
      [
        ["kagent-a2a-2", "OKP", "Ed25519", "EdDSA", "sig"],
        ["kagent-a2a-1", "OKP", "Ed25519", "EdDSA", "sig"],
      ],
    );
    assert.notEqual(parsed[0].x, parsed[1].x);
  });

  it("holds nothing private", () => {
    const text = jwks(keys);
    const { d = "" } = signingKey(PASSWORD).export({ format: "jwk" });
    assert.ok(d.length > 40);
    assert.ok(!text.includes(d) && !text.includes(PASSWORD));
    for (const key of JSON.parse(text).keys)
      assert.deepEqual(Object.keys(key).sort(), ["alg", "crv", "kid", "kty", "use", "x"]);
  });
});
