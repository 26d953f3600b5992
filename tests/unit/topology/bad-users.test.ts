import * as assert from "node:assert/strict";
import { withUsers } from "../../support/configurations";
import { sentencesOf } from "../../support/sentences";

describe("users are refused", () => {
  it("without an issuer", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.userAuth = "oidc";
      }),
      [
        "oidc: is missing, and userAuth is oidc. | Add oidc.issuer, oidc.audiences, oidc.jwksUri and oidc.serviceAccounts.",
      ],
    );
  });

  it("without audiences, keys and the cluster's own issuer, all at once", () => {
    const sentences = sentencesOf(withUsers, (c) => {
      c.oidc = { issuer: "https://login.example.com" };
    });
    assert.deepEqual(
      sentences.map((sentence) => sentence.split(" | ")[0]),
      [
        "oidc.audiences: is missing.",
        "oidc.serviceAccounts: is missing.",
        "oidc: has neither jwks nor jwksUri: no token could be verified.",
      ],
    );
    assert.deepEqual(
      sentencesOf(withUsers, (c) => {
        c.oidc.audiences = [];
      }),
      ["oidc.audiences: is empty. | Values of the claim `aud` that are meant for kagent."],
    );
  });

  it("with keys from two places, from an address without TLS, or that are none", () => {
    assert.deepEqual(
      sentencesOf(withUsers, (c) => {
        c.oidc.jwks = '{"keys": []}';
      }).map((sentence) => sentence.split(" | ")[0]),
      ["oidc: has both jwks and jwksUri, of which one would be ignored."],
    );
    assert.deepEqual(
      sentencesOf(withUsers, (c) => {
        c.oidc.jwksUri = "http://login.example.com/keys";
        c.oidc.serviceAccounts.jwks = "no keys";
      }),
      [
        'oidc.jwksUri: "http://login.example.com/keys" must be an https address. | Or where istiod fetches them, so that the issuer can rotate them.',
        'oidc.serviceAccounts.jwks: is no JSON Web Key Set with a key. | Write the text that the issuer publishes, such as {"keys": [...]}.',
      ],
    );
  });

  it("with a private key, and the key is not in the sentence", () => {
    const sentences = sentencesOf(withUsers, (c) => {
      c.oidc.serviceAccounts.jwks = JSON.stringify({
        keys: [{ kty: "OKP", crv: "Ed25519", x: "x", d: "made-up" }],
      });
    });
    assert.deepEqual(sentences, [
      "oidc.serviceAccounts.jwks: holds a private or symmetric key: whoever reads it can be any user. | Replace that key at the issuer, and write its public keys only.",
    ]);
  });

  it("who are the cluster's pods", () => {
    assert.deepEqual(
      sentencesOf(withUsers, (c) => {
        c.oidc.serviceAccounts.issuer = c.oidc.issuer;
      }),
      [
        "oidc.serviceAccounts.issuer: is the same as oidc.issuer: every pod of the cluster would be a user. | Write the issuer of the cluster's service account tokens here and that of users there.",
      ],
    );
  });
});
