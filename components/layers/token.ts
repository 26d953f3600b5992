/**
 * Token layer: what each caller holds and what is published for callees and the gateway to check it by.
 * That a token is DEMANDED stands in the identity layer, in the same rule as the principal: a RequestAuthentication
 * alone lets requests without a token pass, and two ALLOW policies would be ORed.
 */
import {
  type Agent,
  agentPolicyName,
  audience,
  istio,
  kagent,
  MANAGED_BY,
  TOKEN_HEADER,
  TOKEN_ISSUER,
  type Topology,
  tokenSecretName,
} from "../../topology/index";
import { EngineValue, type Manifest, type Planned } from "../plan/manifest";

/** The engine's name for the token of one delegation. */
export function tokenValue(caller: Agent, callee: Agent): EngineValue {
  return new EngineValue(`token/${caller.id}/${callee.id}`, true);
}
/** Public keys of all generations that are accepted. */
export const JWKS_VALUE = new EngineValue("jwks", false);

function tokenSecret(caller: Agent): Planned[] {
  if (caller.callees.length === 0) return [];
  return [
    {
      layer: "token",
      tenant: caller.tenant,
      agent: caller.id,
      manifest: {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: tokenSecretName(caller.name), namespace: caller.tenant, labels: MANAGED_BY },
        type: "Opaque",
        stringData: Object.fromEntries(
          caller.callees.map((callee) => [audience(callee), tokenValue(caller, callee)]),
        ),
      },
    },
  ];
}

function requestAuthentication(
  name: string,
  namespace: string,
  matchLabels: Readonly<Record<string, string>>,
  callees: readonly Agent[],
  forward: boolean,
): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "RequestAuthentication",
    metadata: { name, namespace, labels: MANAGED_BY },
    spec: {
      selector: { matchLabels },
      jwtRules: [
        {
          issuer: TOKEN_ISSUER,
          audiences: callees.map(audience),
          fromHeaders: [{ name: TOKEN_HEADER }],
          jwks: JWKS_VALUE,
          // Without it Envoy removes the token once it has checked it, and the callee would see none.
          ...(forward && { forwardOriginalToken: true }),
        },
      ],
    },
  };
}

export function token(topology: Topology): Planned[] {
  const callees = topology.tenants.flatMap(({ agents }) =>
    agents.filter(({ callers }) => callers.length > 0),
  );
  const atCallees = callees.map(
    (callee): Planned => ({
      layer: "token",
      tenant: callee.tenant,
      agent: callee.id,
      manifest: requestAuthentication(
        agentPolicyName(callee.name),
        callee.tenant,
        kagent.agentPodLabels(callee.name),
        [callee],
        false,
      ),
    }),
  );
  const atGateway: Planned[] =
    topology.routing === "gateway" && callees.length > 0
      ? [
          {
            layer: "token",
            manifest: requestAuthentication(
              istio.GATEWAY_NAME,
              istio.GATEWAY_NAMESPACE,
              istio.GATEWAY_LABELS,
              callees,
              true,
            ),
          },
        ]
      : [];
  return [
    ...atGateway,
    ...topology.tenants.flatMap(({ agents }) => agents.flatMap(tokenSecret)),
    ...atCallees,
  ];
}
