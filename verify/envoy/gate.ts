/**
 * What a sidecar or gateway does with a delegation token, as configuration of a stock Envoy: the part of a
 * RequestAuthentication and its AuthorizationPolicies that reads the token and the request's headers. Here the sender's principal
 * is a header too, because without mTLS nobody proves one.
 * Source: what istiod 1.31 sends to Envoy for these objects (measured): jwt_authn that lets requests without a token
 * pass, then RBAC on the token's claims, with a request principal split at its last slash.
 */
import type { Manifest } from "../../components/plan/manifest";

export interface Gate {
  issuer: string;
  /** JSON Web Key Set. */
  jwks: string;
  audiences: readonly string[];
  /** Header that carries the token. */
  header: string;
  /** Whether the token goes on to whoever is behind. */
  forward: boolean;
  allow: readonly Allowed[];
}

/** One rule: all of it must hold, with one value of each list; a list that is empty asks for nothing. */
export interface Allowed {
  principals: readonly string[];
  requestPrincipals: readonly string[];
  audiences: readonly string[];
  headers: Readonly<Record<string, readonly string[]>>;
}

/** Stands for what mTLS proves. */
export const PRINCIPAL_HEADER = "x-principal";

interface JwtRule {
  issuer: string;
  audiences: string[];
  fromHeaders: [{ name: string }];
  forwardOriginalToken?: boolean;
}
interface Rule {
  from?: { source?: { principals?: string[]; requestPrincipals?: string[] } }[];
  when?: { key: string; values?: string[] }[];
}

/** The gate of one workload, with every rule: one that asks for no token lets in whoever has none. */
export function gateOf(authentication: Manifest, policies: readonly Manifest[], jwks: string): Gate {
  const { jwtRules } = authentication.spec as { jwtRules: [JwtRule] };
  const [{ issuer, audiences, fromHeaders, forwardOriginalToken = false }] = jwtRules;
  const rules = policies.flatMap(({ spec }) => (spec as { rules?: Rule[] }).rules ?? []);
  const allow = rules.flatMap(({ from = [], when = [] }) =>
    (from.length === 0 ? [{}] : from).map(({ source = {} }): Allowed => {
      const { principals = [], requestPrincipals = [], ...others } = source;
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) throw new Error(`this gate knows no source with ${unknown}`);
      return { principals, requestPrincipals, ...conditions(when) };
    }),
  );
  return { issuer, jwks, audiences, header: fromHeaders[0].name, forward: forwardOriginalToken, allow };
}

function conditions(when: Rule["when"] = []): Pick<Allowed, "audiences" | "headers"> {
  const audiences: string[] = [];
  const headers: Record<string, string[]> = {};
  for (const { key, values } of when) {
    const header = /^request\.headers\[(.+)\]$/.exec(key)?.[1];
    if (values === undefined) throw new Error(`this gate knows no condition on ${key} without values`);
    if (header !== undefined) headers[header] = values;
    else if (key === "request.auth.audiences") audiences.push(...values);
    else throw new Error(`this gate knows no condition on ${key}`);
  }
  return { audiences, headers };
}

export const typeUrl = (name: string) => `type.googleapis.com/envoy.extensions.filters.${name}`;
export const jwtAuthn = "envoy.filters.http.jwt_authn";

/** A listener on a free port of loopback that answers 200 itself when the gate lets a request through. */
export const listenerOf = (name: string, gate: Gate): object =>
  answeringListener(name, gate.header, authentication(gate), authorization(gate));

/** `seen` is the header that the answer repeats. */
export function answeringListener(
  name: string,
  seen: string,
  authentication: object,
  authorization: object,
): object {
  const manager = {
    "@type": typeUrl("network.http_connection_manager.v3.HttpConnectionManager"),
    stat_prefix: name,
    http_filters: [
      { name: jwtAuthn, typed_config: authentication },
      { name: "envoy.filters.http.rbac", typed_config: authorization },
      { name: "envoy.filters.http.router", typed_config: { "@type": typeUrl("http.router.v3.Router") } },
    ],
    route_config: {
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [{ match: { prefix: "/" }, direct_response: { status: 200 } }],
          // What whoever is behind would see of the token.
          response_headers_to_add: [{ header: { key: "x-seen", value: `%REQ(${seen})%` } }],
        },
      ],
    },
  };
  return {
    name,
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    filter_chains: [
      { filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] },
    ],
  };
}

function authentication({ issuer, jwks, audiences, header, forward }: Gate): object {
  return {
    "@type": typeUrl("http.jwt_authn.v3.JwtAuthentication"),
    providers: {
      token: {
        issuer,
        audiences,
        local_jwks: { inline_string: jwks },
        from_headers: [{ name: header }],
        forward,
        payload_in_metadata: "payload",
      },
    },
    rules: [
      {
        match: { prefix: "/" },
        requires: { requires_any: { requirements: [{ provider_name: "token" }, { allow_missing: {} }] } },
      },
    ],
  };
}

function authorization({ allow }: Gate): object {
  return {
    "@type": typeUrl("http.rbac.v3.RBAC"),
    rules: {
      action: "ALLOW",
      policies: Object.fromEntries(
        allow.map((rule, index) => [
          `rule-${index}`,
          { permissions: [{ any: true }], principals: [{ and_ids: { ids: identifiers(rule) } }] },
        ]),
      ),
    },
  };
}

function identifiers({ principals, requestPrincipals, audiences, headers }: Allowed): object[] {
  const found = [
    ...Object.entries({ [PRINCIPAL_HEADER]: principals, ...headers }).map(([name, values]) =>
      values.map((value) => headerIs(name, value)),
    ),
    requestPrincipals.map((principal) => {
      if (principal === "*") return claim("iss", matching("*"));
      const slash = principal.lastIndexOf("/");
      const parts = [principal.slice(0, slash), principal.slice(slash + 1)].map(matching);
      return { and_ids: { ids: [claim("iss", parts[0] ?? {}), claim("sub", parts[1] ?? {})] } };
    }),
    audiences.map((audience) => claim("aud", matching(audience))),
  ].filter((ids) => ids.length > 0);
  return found.length === 0 ? [{ any: true }] : found.map(anyOf);
}

export const anyOf = (ids: object[]): object => ({ or_ids: { ids } });

/** A value of an AuthorizationPolicy: exact, `prefix*`, `*suffix`, or `*` for anything that is there. */
function matching(pattern: string): object {
  if (pattern === "*") return { safe_regex: { regex: ".+" } };
  if (pattern.endsWith("*")) return { prefix: pattern.slice(0, -1) };
  return pattern.startsWith("*") ? { suffix: pattern.slice(1) } : { exact: pattern };
}

const headerIs = (name: string, value: string): object => ({
  header: { name, string_match: matching(value) },
});

function claim(name: string, match: object): object {
  return {
    metadata: {
      filter: jwtAuthn,
      path: [{ key: "payload" }, { key: name }],
      value: { string_match: match },
    },
  };
}
