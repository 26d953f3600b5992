import { rule } from "../../framework/rule";
import { ISTIO_SECURITY } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

export const inlineKeys = rule({
  name: "token-inline-keys",
  layer: "token",
  severity: "high",
  description: "Public keys of tokens stand in the RequestAuthentication itself.",
  why: "Whoever answers at a jwksUri decides which tokens are good; when nobody answers, istiod falls back to a key that fits none.",
  remediation: ["Remove jwksUri and write jwks."],
  subjects: (stack) => inGoverned(stack, ISTIO_SECURITY, "RequestAuthentication"),
  *check(authentication) {
    for (const entry of authentication.spec.at("jwtRules").items()) {
      if (entry.at("jwksUri").isPresent || entry.at("jwks_uri").isPresent)
        yield entry.at("jwksUri").finding("fetches keys. Write them into jwks.");
      if (!entry.at("jwks").isPresent) yield entry.at("jwks").finding("is missing.");
    }
  },
});
