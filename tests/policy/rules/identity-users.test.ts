import { withUsers } from "../../support/configurations";
import { cases } from "../support/cases";

const variant = { edit: withUsers };
const AT_CONTROLLER = "RequestAuthentication kagent/kagent-controller";
const AT_UI = "RequestAuthentication kagent/kagent-ui";
const CONTROLLER = "AuthorizationPolicy kagent/kagent-controller";
const UI = "AuthorizationPolicy kagent/kagent-ui";
const of = (object: string) => `${object} (security.istio.io/v1), `;

const NOT_THE_SAME = "is not what the UI demands of the same issuer. Write the same in both.";

cases("identity-users-verified", {
  variant,
  violating: {
    "tokens for one more application at the controller": {
      change: (s) => s.push(AT_CONTROLLER, "spec.jwtRules[0].audiences", "shop"),
      finds: [`${of(AT_CONTROLLER)}spec.jwtRules[0].audiences: ${NOT_THE_SAME}`],
    },
    "another issuer at the controller": {
      change: (s) => s.set(AT_CONTROLLER, "spec.jwtRules[0].issuer", "https://elsewhere.example.com"),
      finds: [
        `${of(AT_CONTROLLER)}spec.jwtRules: knows fewer issuers of users than the UI. Write the same ones.`,
      ],
    },
    "the UI without a check": {
      change: (s) => s.drop(AT_UI),
      finds: [
        // Without the UI's there is no issuer of users at all.
        `${of(CONTROLLER)}spec.rules[0].from[0].source.requestPrincipals[0]: is of no issuer of users, those that the UI checks.`,
        "Namespace kagent (v1): the ui has 0 RequestAuthentications in this stack. Declare exactly one.",
        `${of(UI)}spec.rules[0].from[0].source.requestPrincipals[0]: is of no issuer of users, those that the UI checks.`,
      ],
    },
    "users without a token": {
      change: (s) => s.set(CONTROLLER, "spec.rules[0].from[0].source.requestPrincipals", undefined),
      finds: [
        `${of(CONTROLLER)}spec.rules[0].from[0].source.requestPrincipals: is missing: no token of a user is demanded.`,
      ],
    },
    "whoever has any token": {
      change: (s) => s.set(UI, "spec.rules[0].from[0].source.requestPrincipals", ["*"]),
      finds: [
        `${of(UI)}spec.rules[0].from[0].source.requestPrincipals[0]: is of no issuer of users, those that the UI checks.`,
      ],
    },
    "service accounts as users": {
      change: (s) =>
        s.push(
          CONTROLLER,
          "spec.rules[0].from[0].source.requestPrincipals",
          "https://kubernetes.default.svc.cluster.local/*",
        ),
      finds: [
        `${of(CONTROLLER)}spec.rules[0].from[0].source.requestPrincipals[1]: is of no issuer of users, those that the UI checks.`,
      ],
    },
    "a rule beside it without a token": {
      change: (s) =>
        s.push(CONTROLLER, "spec.rules", {
          from: [{ source: { principals: ["cluster.local/ns/ingress/sa/ingress"] } }],
        }),
      finds: [
        `${of(CONTROLLER)}spec.rules[1].from[0].source.requestPrincipals: is missing: no token of a user is demanded.`,
        `${of(CONTROLLER)}spec.rules[1].when: must refuse x-agent-name: with it the controller believes X-User-Id instead of the token.`,
      ],
    },
    "users who say to be agents": {
      change: (s) => s.set(CONTROLLER, "spec.rules[0].when", undefined),
      finds: [
        `${of(CONTROLLER)}spec.rules[0].when: must refuse x-agent-name: with it the controller believes X-User-Id instead of the token.`,
      ],
    },
    "tokens for other applications": {
      change: (s) => s.set(AT_CONTROLLER, "spec.jwtRules[0].audiences", []),
      finds: [
        `${of(AT_CONTROLLER)}spec.jwtRules[0].audiences: is empty: tokens for any other application would do.`,
        `${of(AT_CONTROLLER)}spec.jwtRules[0].audiences: ${NOT_THE_SAME}`,
      ],
    },
    "tokens from where kagent does not look": {
      change: (s) =>
        s
          .set(AT_UI, "spec.jwtRules[0].fromHeaders", undefined)
          .set(AT_UI, "spec.jwtRules[0].fromParams", ["access_token"]),
      finds: [
        `${of(AT_UI)}spec.jwtRules[0].fromHeaders: must be Authorization with prefix "Bearer ", which is all that kagent reads.`,
        `${of(AT_UI)}spec.jwtRules[0].fromParams: takes tokens from where kagent does not look. Remove it.`,
      ],
    },
    "a token that does not reach kagent": {
      change: (s) => s.set(AT_UI, "spec.jwtRules[0].forwardOriginalToken", undefined),
      finds: [
        `${of(AT_UI)}spec.jwtRules[0].forwardOriginalToken: must be true: the controller reads the user from the token.`,
      ],
    },
    "keys from an address without TLS": {
      change: (s) => s.set(AT_UI, "spec.jwtRules[0].jwksUri", "http://login.example.com/keys"),
      finds: [
        `${of(AT_CONTROLLER)}spec.jwtRules[0].jwksUri: ${NOT_THE_SAME}`,
        `${of(AT_UI)}spec.jwtRules[0].jwksUri: must be https: whoever answers there decides who users are.`,
      ],
    },
    "no keys": {
      change: (s) => s.set(AT_UI, "spec.jwtRules[0].jwksUri", undefined),
      finds: [
        `${of(AT_CONTROLLER)}spec.jwtRules[0].jwksUri: ${NOT_THE_SAME}`,
        `${of(AT_UI)}spec.jwtRules[0].jwks: or jwksUri must be there, and not both.`,
      ],
    },
  },
  unknown: [AT_UI, "spec.jwtRules[0].audiences"],
});

const RELEASE = "Release kagent/kagent (helm.sh/v3), ";

cases("identity-trusted-proxy", {
  variant,
  violating: {
    "a controller that believes X-User-Id": {
      change: (s) => s.set("Release kagent/kagent", "values.controller.auth", undefined),
      finds: [
        `${RELEASE}values.controller.auth.mode: must be trusted-proxy: the token that the mesh verifies is not who the user is.`,
      ],
    },
    "a controller that believes tokens which nobody verifies": {
      change: (s) => s.drop(AT_CONTROLLER, AT_UI),
      finds: ["controller", "ui"].map(
        (what) =>
          `${RELEASE}values.controller.auth.mode: believes tokens that nothing in this stack verifies in front of the ${what}.`,
      ),
    },
  },
  unknown: ["Release kagent/kagent", "values.controller.auth.mode"],
});
