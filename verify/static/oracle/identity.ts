/**
 * What the graph says about requests inside the mesh, computed from the configuration alone: who may send what to whom, and
 * the token that it takes.
 */
import {
  type Agent,
  agentPrincipal,
  audience,
  calleeHeaderValue,
  controllerPrincipal,
  type Delegation,
  gatewayPrincipal,
  istio,
  kagent,
  subject,
  TOKEN_ISSUER,
  type Topology,
  uiPrincipal,
} from "../../../topology/index";

import { ANYBODY, combinations } from "../named";
import type { Token } from "../request";

export interface DeclaredRequest {
  readonly principal: string;
  /** Of the delegation, or of the user, whose token it takes; none where it takes none. */
  readonly token?: Pick<Token, "issuer" | "subject" | "audience" | "claims">;
  readonly port: number;
  /** Callee that `x-kagent-host` names, at the gateway. */
  readonly host?: string;
  /** All paths unless told. */
  readonly isPathAllowed?: (path: string) => boolean;
}

const tokenOf = ({ caller, callee }: Delegation) => ({
  issuer: TOKEN_ISSUER,
  subject: subject(caller),
  audience: audience(callee),
});

export const isAgentApi = (path: string): boolean =>
  kagent.AGENT_API_PATHS.some((api) => path === api || path.startsWith(`${api}/`));

export class DeclaredRequests {
  constructor(readonly topology: Topology) {}

  toAgent(agent: Agent): DeclaredRequest[] {
    const { routing, cluster } = this.topology;
    const fromCallers = agent.callers.map((caller) => ({
      principal:
        routing === "gateway"
          ? gatewayPrincipal(cluster.trustDomain)
          : agentPrincipal(caller, cluster.trustDomain),
      token: tokenOf({ id: "", caller, callee: agent }),
      port: kagent.AGENT_PORT,
    }));
    const fromUsers = agent.settings.exposed
      ? [{ principal: controllerPrincipal(cluster.trustDomain), port: kagent.AGENT_PORT }]
      : [];
    return [...fromCallers, ...fromUsers];
  }

  toGateway(): DeclaredRequest[] {
    const { delegations, cluster } = this.topology;
    return delegations.map((delegation) => ({
      principal: agentPrincipal(delegation.caller, cluster.trustDomain),
      token: tokenOf(delegation),
      port: istio.GATEWAY_PORT,
      host: calleeHeaderValue(delegation.callee),
    }));
  }

  toComponent(component: kagent.KagentComponent): DeclaredRequest[] {
    const { agents, cluster, oidc, externalDatabase } = this.topology;
    const { trustDomain } = cluster;
    // Any user of the issuer stands for all of them, and one audience for each.
    const user = oidc && { issuer: oidc.issuer, subject: ANYBODY, audience: oidc.audiences[0] ?? "" };
    const tokens =
      user === undefined ? [] : combinations(oidc?.claims ?? {}).map((claims) => ({ ...user, claims }));
    const byUsers = (port: number, principals: readonly string[]): DeclaredRequest[] =>
      oidc === undefined
        ? at(port, principals)
        : principals.flatMap((principal) => tokens.map((token) => ({ principal, port, token })));
    const entry = cluster.entry.map(({ namespace, serviceAccount }) =>
      istio.principal(trustDomain, namespace, serviceAccount),
    );
    const at = (port: number, principals: readonly string[]): DeclaredRequest[] =>
      principals.map((principal) => ({ principal, port }));
    switch (component) {
      case "controller":
        return [
          ...byUsers(kagent.CONTROLLER_PORT, [uiPrincipal(trustDomain), ...entry]),
          ...agents.map((agent) => ({
            principal: agentPrincipal(agent, trustDomain),
            port: kagent.CONTROLLER_PORT,
            isPathAllowed: isAgentApi,
          })),
        ];
      case "ui":
        return byUsers(kagent.UI_PORT, entry);
      case "database":
        return externalDatabase === undefined
          ? at(kagent.DATABASE_PORT, [controllerPrincipal(trustDomain)])
          : [];
    }
  }
}
