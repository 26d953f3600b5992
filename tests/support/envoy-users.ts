/**
 * What the sidecar of the controller or the UI does with users' tokens, as configuration of a stock Envoy. Principals are left
 * out, because they need mTLS. Source: what istiod 1.31 makes of a RequestAuthentication (`convertToEnvoyJwtConfig`): one
 * provider passes or is missing; of several, one passes, or all are missing. A request principal is split at its last slash.
 */
import type { Manifest } from "../../components/plan/manifest";
import { answeringListener, anyOf, jwtAuthn, typeUrl } from "../../verify/envoy/gate";

interface JwtRule {
  issuer: string;
  audiences: string[];
  jwks: string;
  fromHeaders?: { name: string; prefix?: string }[];
  forwardOriginalToken?: boolean;
}
interface Rule {
  from: { source: { requestPrincipals?: string[] } }[];
  when?: { key: string; values?: string[]; notValues?: string[] }[];
}

export function usersListener(name: string, authentication: Manifest, policy: Manifest): object {
  const { jwtRules } = authentication.spec as { jwtRules: JwtRule[] };
  const { rules } = policy.spec as { rules: Rule[] };
  return answeringListener(name, "authorization", authenticationOf(jwtRules), {
    "@type": typeUrl("http.rbac.v3.RBAC"),
    rules: {
      action: "ALLOW",
      policies: Object.fromEntries(
        rules.map((rule, index) => [
          `rule-${index}`,
          { permissions: [{ any: true }], principals: [{ and_ids: { ids: identifiers(rule) } }] },
        ]),
      ),
    },
  });
}

function authenticationOf(jwtRules: readonly JwtRule[]): object {
  const names = jwtRules.map((_, index) => `origins-${index}`);
  const orMissing = names.map((name) => ({
    requires_any: { requirements: [{ provider_name: name }, { allow_missing: {} }] },
  }));
  const requires =
    orMissing.length === 1
      ? orMissing[0]
      : {
          requires_any: {
            requirements: [
              ...names.map((name) => ({ provider_name: name })),
              { requires_all: { requirements: orMissing } },
            ],
          },
        };
  return {
    "@type": typeUrl("http.jwt_authn.v3.JwtAuthentication"),
    providers: Object.fromEntries(
      jwtRules.map(({ issuer, audiences, jwks, fromHeaders = [], forwardOriginalToken = false }, index) => [
        `origins-${index}`,
        {
          issuer,
          audiences,
          local_jwks: { inline_string: jwks },
          from_headers: fromHeaders.map(({ name, prefix }) => ({ name, value_prefix: prefix ?? "" })),
          forward: forwardOriginalToken,
          payload_in_metadata: "payload",
        },
      ]),
    ),
    rules: [{ match: { prefix: "/" }, requires }],
    bypass_cors_preflight: true,
  };
}

const claim = (name: string, string_match: object): object => ({
  metadata: { filter: jwtAuthn, path: [{ key: "payload" }, { key: name }], value: { string_match } },
});

function identifiers({ from, when = [] }: Rule): object[] {
  return [
    anyOf(
      from.flatMap(({ source: { requestPrincipals = [] } }) =>
        requestPrincipals.map((principal) => {
          const slash = principal.lastIndexOf("/");
          if (principal.slice(slash + 1) !== "*")
            throw new Error("this gate knows any user of an issuer only");
          const any = { safe_regex: { regex: ".+" } };
          return {
            and_ids: { ids: [claim("iss", { exact: principal.slice(0, slash) }), claim("sub", any)] },
          };
        }),
      ),
    ),
    ...when.map(condition),
  ];
}

function condition({ key, values, notValues }: NonNullable<Rule["when"]>[number]): object {
  const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
  if (header !== undefined && notValues?.join() === "*")
    return { not_id: { header: { name: header, present_match: true } } };
  const name = /^request\.auth\.claims\[([^\]]+)\]$/.exec(key)?.[1];
  if (name === undefined || values === undefined) throw new Error(`this gate knows no condition on ${key}`);
  return {
    metadata: {
      filter: jwtAuthn,
      path: [{ key: "payload" }, { key: name }],
      value: {
        list_match: {
          one_of: { or_match: { value_matchers: values.map((exact) => ({ string_match: { exact } })) } },
        },
      },
    },
  };
}
