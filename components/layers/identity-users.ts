/**
 * Users: with `userAuth: oidc` the sidecars of the controller and the UI verify the user's JWT, and let no request of a user in
 * without one. The controller then takes the user from that token; it does not look at signatures itself (kagent 0.10).
 */
import { anyUserOf, istio, kagent, MANAGED_BY, type Topology, USER_TOKEN_HEADER } from "../../topology/index";
import type { OidcSettings } from "../../topology/schema";
import type { Manifest, Planned } from "../plan/manifest";

/** The pods that bring users in, by their identity in the mesh. */
export const entryPrincipals = ({ cluster }: Topology): string[] =>
  cluster.entry.map(({ namespace, serviceAccount }) =>
    istio.principal(cluster.trustDomain, namespace, serviceAccount),
  );

/** A rule for callers who act for a user. */
export function forUsers(
  principals: readonly string[],
  port: number,
  { oidc }: Topology,
): Readonly<Record<string, unknown>>[] {
  if (principals.length === 0) return [];
  const to = [{ operation: { ports: [String(port)] } }];
  if (oidc === undefined) return [{ from: [{ source: { principals } }], to }];
  return [
    {
      from: [{ source: { principals, requestPrincipals: [anyUserOf(oidc)] } }],
      to,
      when: [
        // A user who calls himself an agent could have the controller believe X-User-Id instead of his token.
        { key: `request.headers[${kagent.AGENT_NAME_HEADER}]`, notValues: ["*"] },
        ...Object.entries(oidc.claims)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([claim, values]) => ({ key: `request.auth.claims[${claim}]`, values })),
      ],
    },
  ];
}

interface Issuer {
  readonly issuer: string;
  readonly jwks?: string | undefined;
  readonly jwksUri?: string | undefined;
}

const jwtRule = ({ issuer, jwks, jwksUri }: Issuer, audiences: readonly string[]) => ({
  issuer,
  audiences,
  ...(jwks !== undefined && { jwks }),
  ...(jwksUri !== undefined && { jwksUri }),
  fromHeaders: [USER_TOKEN_HEADER],
  // The UI passes the token on, and the controller reads the user from it.
  forwardOriginalToken: true,
});

function authentication(
  component: "controller" | "ui",
  name: string,
  jwtRules: readonly unknown[],
): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "RequestAuthentication",
    metadata: { name, namespace: kagent.KAGENT_NAMESPACE, labels: MANAGED_BY },
    spec: { selector: { matchLabels: kagent.kagentPodLabels(component) }, jwtRules },
  };
}

/**
 * The controller gets two issuers: agents send their service account token in the same header (kagent-adk 0.10.4), and a proxy
 * refuses a token of an issuer that it does not know, whoever sends it. No rule for users takes such a token.
 */
function authentications(oidc: OidcSettings): Manifest[] {
  const users = jwtRule(oidc, oidc.audiences);
  return [
    authentication("controller", kagent.CONTROLLER_SERVICE_ACCOUNT, [
      users,
      jwtRule(oidc.serviceAccounts, [kagent.AGENT_TOKEN_AUDIENCE]),
    ]),
    authentication("ui", kagent.UI_SERVICE_ACCOUNT, [users]),
  ];
}

export const userAuthentication = ({ oidc }: Topology): Planned[] =>
  oidc === undefined
    ? []
    : authentications(oidc).map((manifest): Planned => ({ layer: "identity", manifest }));
