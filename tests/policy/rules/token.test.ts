import { cases } from "../support/cases";

const AUTHENTICATION = "RequestAuthentication team-beta/agent-specialist";
const AT_GATEWAY = "RequestAuthentication kagent/a2a-gateway";
const CALLEE = "AuthorizationPolicy team-beta/agent-specialist";
const GATEWAY = "AuthorizationPolicy kagent/a2a-gateway.team-beta";
const ORCHESTRATOR = "Agent team-alpha/orchestrator";
const HEADER = "spec.declarative.tools[0].headersFrom[0]";
const SOURCE = "spec.rules[0].from[0].source";
const SECRET = "Secret team-alpha/orchestrator-a2a-tokens";

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (header: unknown, claims: unknown) => `${part(header)}.${part(claims)}.c2lnbmF0dXJl`;
const good = token(
  { alg: "EdDSA" },
  { iss: "kagent-a2a", sub: "team-alpha.orchestrator", aud: "team-beta.specialist" },
);
const ENTRY = 'stringData["team-beta.specialist"]';

cases("token-request-authentication", {
  violating: {
    "a token nobody checks": {
      change: (s) => s.drop(AUTHENTICATION),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2): callee team-beta/specialist has 0 RequestAuthentications in this stack. Declare exactly one.",
      ],
    },
    "a gateway that does not check": {
      change: (s) => s.drop(AT_GATEWAY),
      finds: [
        "Gateway kagent/a2a-gateway (networking.istio.io/v1): the gateway has 0 RequestAuthentications in this stack. Declare exactly one.",
      ],
    },
    "another issuer": {
      change: (s) => s.set(AUTHENTICATION, "spec.jwtRules[0].issuer", "somebody"),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].issuer: must be kagent-a2a.",
      ],
    },
    "two issuers": {
      change: (s) =>
        s.push(AUTHENTICATION, "spec.jwtRules", {
          issuer: "kagent-a2a",
          fromHeaders: [{ name: "X-Agent-Token" }],
        }),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules: must be one rule: another issuer's tokens would be accepted as well.",
      ],
    },
    "another header": {
      change: (s) => s.set(AUTHENTICATION, "spec.jwtRules[0].fromHeaders[0].name", "Authorization"),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].fromHeaders: must be X-Agent-Token alone.",
      ],
    },
    "a gateway that keeps the token": {
      change: (s) => s.set(AT_GATEWAY, "spec.jwtRules[0].forwardOriginalToken", undefined),
      finds: [
        "RequestAuthentication kagent/a2a-gateway (security.istio.io/v1), spec.jwtRules[0].forwardOriginalToken: must be true: the callee checks the token too.",
      ],
    },
    "a query parameter": {
      change: (s) => s.set(AUTHENTICATION, "spec.jwtRules[0].fromParams", ["token"]),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].fromParams: takes tokens from elsewhere. Remove it.",
      ],
    },
  },
  unknown: [AUTHENTICATION, "spec.jwtRules[0].issuer"],
});

cases("token-audience", {
  violating: {
    "any audience": {
      change: (s) => s.set(AUTHENTICATION, "spec.jwtRules[0].audiences", undefined),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].audiences: must be team-beta.specialist alone.",
      ],
    },
    "another one too": {
      change: (s) => s.push(AUTHENTICATION, "spec.jwtRules[0].audiences", "team-alpha.orchestrator"),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].audiences: must be team-beta.specialist alone.",
      ],
    },
    "an agent that nobody calls, at the gateway": {
      change: (s) => s.push(AT_GATEWAY, "spec.jwtRules[0].audiences", "team-alpha.orchestrator"),
      finds: [
        "RequestAuthentication kagent/a2a-gateway (security.istio.io/v1), spec.jwtRules[0].audiences: team-alpha.orchestrator is no agent that others delegate to. Remove it.",
      ],
    },
  },
  unknown: [AUTHENTICATION, "spec.jwtRules[0].audiences"],
});

cases("token-one-policy", {
  violating: {
    "a second one, without the token": {
      change: (s) => s.add({ ...s.get(CALLEE), metadata: { name: "also", namespace: "team-beta" } }),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2): callee team-beta/specialist has 2 AuthorizationPolicies that allow (agent-specialist, also). Declare exactly one.",
      ],
    },
    none: {
      change: (s) => s.drop(CALLEE),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2): callee team-beta/specialist has 0 AuthorizationPolicies that allow (none). Declare exactly one.",
      ],
    },
  },
  unknown: [CALLEE, "spec.action"],
});

cases("token-demanded", {
  violating: {
    "the principal alone": {
      change: (s) => s.set(CALLEE, `${SOURCE}.requestPrincipals`, undefined),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.requestPrincipals: must demand the token of one Agent of this stack, as kagent-a2a/<tenant>.<agent>, beside the principal.",
      ],
    },
    "a second source without the token": {
      change: (s) =>
        s.push(CALLEE, "spec.rules[0].from", {
          source: { principals: ["cluster.local/ns/kagent/sa/a2a-gateway"] },
        }),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[1].source.requestPrincipals: must demand the token of one Agent of this stack, as kagent-a2a/<tenant>.<agent>, beside the principal.",
      ],
    },
    "any token": {
      change: (s) => s.set(CALLEE, `${SOURCE}.requestPrincipals`, ["*"]),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.requestPrincipals: must demand the token of one Agent of this stack, as kagent-a2a/<tenant>.<agent>, beside the principal.",
      ],
    },
    "a token for another": {
      change: (s) => s.set(CALLEE, "spec.rules[0].when[0].values", ["team-alpha.orchestrator"]),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].when: must demand request.auth.audiences team-beta.specialist.",
      ],
    },
    "a token of somebody who does not delegate": {
      change: (s) => s.set(CALLEE, `${SOURCE}.requestPrincipals`, ["kagent-a2a/team-beta.specialist"]),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.requestPrincipals: team-beta/specialist is no declared caller of team-beta/specialist. Remove it.",
      ],
    },
    "no audience": {
      change: (s) => s.set(CALLEE, "spec.rules[0].when", undefined),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].when: must demand request.auth.audiences team-beta.specialist.",
      ],
    },
    "the gateway: any callee": {
      change: (s) => s.set(GATEWAY, "spec.rules[0].when[0]", undefined),
      finds: [
        "AuthorizationPolicy kagent/a2a-gateway.team-beta (security.istio.io/v1), spec.rules[0].when: must demand request.headers[x-kagent-host] specialist.team-beta, the callee that the token is for.",
      ],
    },
    "the gateway: another's token": {
      change: (s) => s.set(GATEWAY, `${SOURCE}.requestPrincipals`, ["kagent-a2a/team-beta.specialist"]),
      finds: [
        "AuthorizationPolicy kagent/a2a-gateway.team-beta (security.istio.io/v1), spec.rules[0].from[0].source: lets one caller use the token of another. Name the principal and the token of the same Agent.",
        "AuthorizationPolicy kagent/a2a-gateway.team-beta (security.istio.io/v1), spec.rules[0].from[0].source.requestPrincipals: team-beta/specialist is no declared caller of team-beta/specialist. Remove it.",
      ],
    },
    "the gateway: no token": {
      change: (s) => s.set(GATEWAY, `${SOURCE}.requestPrincipals`, undefined),
      finds: [
        "AuthorizationPolicy kagent/a2a-gateway.team-beta (security.istio.io/v1), spec.rules[0].from[0].source.requestPrincipals: must demand the token of one Agent of this stack, as kagent-a2a/<tenant>.<agent>, beside the principal.",
      ],
    },
    "the gateway: no audience": {
      change: (s) => s.set(GATEWAY, "spec.rules[0].when[1]", undefined),
      finds: [
        "AuthorizationPolicy kagent/a2a-gateway.team-beta (security.istio.io/v1), spec.rules[0].when: must demand request.auth.audiences of one callee.",
      ],
    },
  },
  unknown: [CALLEE, `${SOURCE}.requestPrincipals`],
});

cases("token-attached", {
  violating: {
    "no token": {
      change: (s) => s.set(ORCHESTRATOR, "spec.declarative.tools[0].headersFrom", undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom: must send X-Agent-Token once.",
      ],
    },
    "another callee's": {
      change: (s) => s.set(ORCHESTRATOR, `${HEADER}.valueFrom.key`, "team-beta.other"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom[0].valueFrom.key: must be team-beta.specialist.",
      ],
    },
    "another caller's": {
      change: (s) => s.set(ORCHESTRATOR, `${HEADER}.valueFrom.name`, "specialist-a2a-tokens"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom[0].valueFrom.name: must be orchestrator-a2a-tokens.",
      ],
    },
    "a Secret that nothing writes": {
      change: (s) => s.drop(SECRET),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom: nothing in this stack writes Secret team-alpha/orchestrator-a2a-tokens. Declare it.",
      ],
    },
    "another token in another header": {
      change: (s) =>
        s.push(ORCHESTRATOR, "spec.declarative.tools[0].headersFrom", {
          name: "X-Copy",
          valueFrom: { type: "Secret", name: "other-a2a-tokens", key: "team-beta.specialist" },
        }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom[1].valueFrom.name: sends another token. Remove it.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${HEADER}.valueFrom.key`],
});

cases("token-fingerprint", {
  violating: {
    "an agent that rotation does not reach": {
      change: (s) => s.set(ORCHESTRATOR, 'metadata.labels["kagent-a2a/token-fingerprint"]', undefined),
      finds: [
        'Agent team-alpha/orchestrator (kagent.dev/v1alpha2), metadata.labels["kagent-a2a/token-fingerprint"]: must be a hash of at least 16 hexadecimal digits.',
      ],
    },
    "no hash": {
      change: (s) => s.set(ORCHESTRATOR, 'metadata.labels["kagent-a2a/token-fingerprint"]', "v1"),
      finds: [
        'Agent team-alpha/orchestrator (kagent.dev/v1alpha2), metadata.labels["kagent-a2a/token-fingerprint"]: must be a hash of at least 16 hexadecimal digits.',
      ],
    },
  },
  unknown: [ORCHESTRATOR, 'metadata.labels["kagent-a2a/token-fingerprint"]'],
});

cases("token-inline-keys", {
  violating: {
    "keys from somewhere": {
      change: (s) =>
        s
          .set(AUTHENTICATION, "spec.jwtRules[0].jwksUri", "https://keys.example.com")
          .set(AUTHENTICATION, "spec.jwtRules[0].jwks", undefined),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwksUri: fetches keys. Write them into jwks.",
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: is missing.",
      ],
    },
  },
  unknown: [AUTHENTICATION, "spec.jwtRules"],
});

const KEYS = "spec.jwtRules[0].jwks";
const keySet = (...keys: string[]) =>
  JSON.stringify({ keys: keys.map((x) => ({ kty: "OKP", crv: "Ed25519", x })) });

cases("token-public-keys", {
  violating: {
    "a private key": {
      change: (s) =>
        s.set(
          AUTHENTICATION,
          KEYS,
          JSON.stringify({ keys: [{ kty: "OKP", crv: "Ed25519", x: "a", d: "b" }] }),
        ),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: holds a private or symmetric key. Publish public keys only, and replace this one.",
      ],
    },
    "a shared secret": {
      change: (s) => s.set(AUTHENTICATION, KEYS, JSON.stringify({ keys: [{ kty: "oct", k: "c" }] })),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: holds a private or symmetric key. Publish public keys only, and replace this one.",
      ],
    },
    "another algorithm": {
      change: (s) =>
        s.set(AUTHENTICATION, KEYS, JSON.stringify({ keys: [{ kty: "RSA", n: "a", e: "AQAB" }] })),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: must hold Ed25519 public keys (kty OKP, crv Ed25519, x).",
      ],
    },
    "no key": {
      change: (s) => s.set(AUTHENTICATION, KEYS, '{"keys": []}'),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: must be a JSON Web Key Set with a key.",
      ],
    },
    "a key beside the gateway's": {
      change: (s) =>
        s
          .set("RequestAuthentication kagent/a2a-gateway", KEYS, keySet("a"))
          .set(AUTHENTICATION, KEYS, keySet("a", "b")),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: holds other keys than RequestAuthentication kagent/a2a-gateway. One issuer has one set: write it in both.",
      ],
    },
    "no JSON": {
      change: (s) => s.set(AUTHENTICATION, KEYS, "-----BEGIN PUBLIC KEY-----"),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: must be a JSON Web Key Set with a key.",
      ],
    },
  },
  unknown: [AUTHENTICATION, KEYS],
});

cases("token-claims", {
  violating: {
    "no signature": {
      change: (s) => s.set(SECRET, ENTRY, good.replace(/[^.]*$/, "")),
      finds: [
        'Secret team-alpha/orchestrator-a2a-tokens (v1), stringData["team-beta.specialist"]: must be a token signed with EdDSA.',
      ],
    },
    "another algorithm": {
      change: (s) =>
        s.set(
          SECRET,
          ENTRY,
          token(
            { alg: "none" },
            { iss: "kagent-a2a", sub: "team-alpha.orchestrator", aud: "team-beta.specialist" },
          ),
        ),
      finds: [
        'Secret team-alpha/orchestrator-a2a-tokens (v1), stringData["team-beta.specialist"]: must be a token signed with EdDSA.',
      ],
    },
    "another caller": {
      change: (s) =>
        s.set(
          SECRET,
          ENTRY,
          token(
            { alg: "EdDSA" },
            { iss: "kagent-a2a", sub: "team-beta.specialist", aud: "team-beta.specialist" },
          ),
        ),
      finds: [
        'Secret team-alpha/orchestrator-a2a-tokens (v1), stringData["team-beta.specialist"]: must be a token of team-alpha.orchestrator (iss, sub) for team-beta.specialist (aud).',
      ],
    },
    "another callee": {
      change: (s) => s.set(SECRET, 'stringData["team-beta.other"]', good),
      finds: [
        'Secret team-alpha/orchestrator-a2a-tokens (v1), stringData["team-beta.other"]: must be a token of team-alpha.orchestrator (iss, sub) for team-beta.other (aud).',
      ],
    },
    "no token": {
      change: (s) => s.set(SECRET, ENTRY, "made up"),
      finds: [
        'Secret team-alpha/orchestrator-a2a-tokens (v1), stringData["team-beta.specialist"]: must be a token signed with EdDSA.',
      ],
    },
  },
  unknown: [SECRET, "stringData"],
});
