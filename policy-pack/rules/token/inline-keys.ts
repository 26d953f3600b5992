import { rule } from "../../framework/rule";
import { ISTIO_SECURITY } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";
import { checkedAt } from "../../reading/tokens";
import { USER_WORKLOADS } from "../../reading/users";

export const inlineKeys = rule({
  name: "token-inline-keys",
  layer: "token",
  severity: "high",
  description: "Public keys of delegation tokens stand in the RequestAuthentication itself.",
  why: "Whoever answers at a jwksUri decides which tokens are good; when nobody answers, istiod falls back to a key that fits none.",
  remediation: ["Remove jwksUri and write jwks."],
  // Users' issuers rotate their keys themselves; see identity-users-verified.
  *subjects(stack) {
    const users = new Set(USER_WORKLOADS.flatMap((kind) => checkedAt(stack, { kind })));
    for (const object of inGoverned(stack, ISTIO_SECURITY, "RequestAuthentication"))
      if (!users.has(object)) yield object;
  },
  *check(authentication) {
    for (const entry of authentication.spec.at("jwtRules").items()) {
      if (entry.at("jwksUri").isPresent || entry.at("jwks_uri").isPresent)
        yield entry.at("jwksUri").finding("fetches keys. Write them into jwks.");
      if (!entry.at("jwks").isPresent) yield entry.at("jwks").finding("is missing.");
    }
  },
});
