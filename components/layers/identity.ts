/**
 * Identity layer: who may call whom by the identity that mTLS proves, and with which token.
 * Every governed namespace is STRICT and allows nothing by default; each workload then has the ALLOW rules of the graph.
 * A caller's rule holds its principal AND its token's subject in ONE source: ALLOW policies and rules are ORed, so a rule
 * with the principal alone would void the token.
 */
import {
  type Agent,
  agentPolicyName,
  agentPrincipal,
  audience,
  calleeHeaderValue,
  controllerPrincipal,
  gatewayPrincipal,
  istio,
  kagent,
  type Labels,
  MANAGED_BY,
  requestPrincipal,
  type Tenant,
  type Topology,
  uiPrincipal,
} from "../../topology/index";
import type { Manifest, Planned } from "../plan/manifest";
import { gatewayRoutes } from "./identity-routes";
import { entryPrincipals, forUsers, userAuthentication } from "./identity-users";

type Rule = Readonly<Record<string, unknown>>;

function strictMtls(namespace: string): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace, labels: MANAGED_BY },
    spec: { mtls: { mode: "STRICT" } },
  };
}

/** Without a rule an ALLOW policy allows nothing; without a selector it covers every workload of the namespace. */
function allowNothing(namespace: string): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "allow-nothing", namespace, labels: MANAGED_BY },
    spec: {},
  };
}

function allow(name: string, namespace: string, matchLabels: Labels, rules: readonly Rule[]): Manifest {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace, labels: MANAGED_BY },
    spec: { selector: { matchLabels }, action: "ALLOW", ...(rules.length > 0 && { rules }) },
  };
}

const from = (...principals: string[]) => [{ source: { principals } }];
const toPort = (port: number) => [{ operation: { ports: [String(port)] } }];
const audienceIs = (callee: Agent) => ({ key: "request.auth.audiences", values: [audience(callee)] });

/** One rule per caller: whoever delivers the call (the gateway, or the caller itself), with that caller's token. */
function calleeRules(callee: Agent, { routing, cluster }: Topology): Rule[] {
  return callee.callers.map((caller) => ({
    from: [
      {
        source: {
          principals: [
            routing === "gateway"
              ? gatewayPrincipal(cluster.trustDomain)
              : agentPrincipal(caller, cluster.trustDomain),
          ],
          requestPrincipals: [requestPrincipal(caller)],
        },
      },
    ],
    to: toPort(kagent.AGENT_PORT),
    when: [audienceIs(callee)],
  }));
}

function agentPolicy(agent: Agent, topology: Topology): Manifest {
  const fromUsers: Rule[] = agent.settings.exposed
    ? [
        {
          from: from(controllerPrincipal(topology.cluster.trustDomain)),
          to: toPort(kagent.AGENT_PORT),
        },
      ]
    : [];
  return allow(agentPolicyName(agent.name), agent.tenant, kagent.agentPodLabels(agent.name), [
    ...calleeRules(agent, topology),
    ...fromUsers,
  ]);
}

/** Agents use three APIs of the controller. A prefix such as `/api/sessions*` would also admit `/api/sessionsX`. */
function controllerForTenant({ name, agents }: Tenant, { cluster }: Topology): Manifest[] {
  if (agents.length === 0) return [];
  return [
    allow(
      `${kagent.CONTROLLER_SERVICE_ACCOUNT}.${name}`,
      kagent.KAGENT_NAMESPACE,
      kagent.kagentPodLabels("controller"),
      [
        {
          from: from(...agents.map((agent) => agentPrincipal(agent, cluster.trustDomain))),
          to: [
            {
              operation: {
                ports: [String(kagent.CONTROLLER_PORT)],
                paths: kagent.AGENT_API_PATHS.flatMap((path) => [path, `${path}/*`]),
              },
            },
          ],
        },
      ],
    ),
  ];
}

/** Principal, subject, audience and route of ONE delegation bound together, so that no caller can use another's token. */
function gatewayForTenant({ name, agents }: Tenant, { cluster, routing }: Topology): Manifest[] {
  const rules = agents.flatMap((callee) =>
    callee.callers.map((caller) => ({
      from: [
        {
          source: {
            principals: [agentPrincipal(caller, cluster.trustDomain)],
            requestPrincipals: [requestPrincipal(caller)],
          },
        },
      ],
      to: toPort(istio.GATEWAY_PORT),
      when: [
        { key: `request.headers[${kagent.CALLEE_HEADER}]`, values: [calleeHeaderValue(callee)] },
        audienceIs(callee),
      ],
    })),
  );
  // Also without a rule: the last delegation revoked is then an update, not a deletion at the end.
  if (routing !== "gateway" || agents.length === 0) return [];
  return [allow(`${istio.GATEWAY_NAME}.${name}`, istio.GATEWAY_NAMESPACE, istio.GATEWAY_LABELS, rules)];
}

/** Users come in through `cluster.entry`; the UI talks to the controller; only the controller to a database of its own. */
function kagentItself(topology: Topology): Manifest[] {
  const { cluster, externalDatabase } = topology;
  const entry = entryPrincipals(topology);
  const component = (component: kagent.KagentComponent, rules: readonly Rule[]) =>
    allow(
      component === "controller" ? kagent.CONTROLLER_SERVICE_ACCOUNT : `kagent-${component}`,
      kagent.KAGENT_NAMESPACE,
      kagent.kagentPodLabels(component),
      rules,
    );
  const byController = {
    from: from(controllerPrincipal(cluster.trustDomain)),
    to: toPort(kagent.DATABASE_PORT),
  };
  return [
    component(
      "controller",
      forUsers([uiPrincipal(cluster.trustDomain), ...entry], kagent.CONTROLLER_PORT, topology),
    ),
    component("ui", forUsers(entry, kagent.UI_PORT, topology)),
    ...(externalDatabase === undefined ? [component("database", [byController])] : []),
  ];
}

export function identity(topology: Topology): Planned[] {
  const forAll = [
    strictMtls(kagent.KAGENT_NAMESPACE),
    allowNothing(kagent.KAGENT_NAMESPACE),
    ...kagentItself(topology),
  ].map((manifest): Planned => ({ layer: "identity", manifest }));
  const perTenant = topology.tenants.flatMap((tenant): Planned[] => [
    ...[
      strictMtls(tenant.name),
      allowNothing(tenant.name),
      ...controllerForTenant(tenant, topology),
      ...gatewayForTenant(tenant, topology),
    ].map((manifest): Planned => ({ layer: "identity", tenant: tenant.name, manifest })),
    ...tenant.agents.map(
      (agent): Planned => ({
        layer: "identity",
        tenant: tenant.name,
        agent: agent.id,
        manifest: agentPolicy(agent, topology),
      }),
    ),
  ]);
  return [...forAll, ...userAuthentication(topology), ...gatewayRoutes(topology), ...perTenant];
}
