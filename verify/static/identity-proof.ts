/** Who may send what to whom inside the mesh, by every identity and with every token there is, held against the graph. */
import {
  agentPrincipal,
  controllerPrincipal,
  gatewayPrincipal,
  istio,
  kagent,
  type Topology,
  uiPrincipal,
} from "../../topology/index";
import { type Allowed, Callers } from "./callers";
import { Causes } from "./identity-causes";
import { COMPONENTS, GATEWAY_ID, type Target, targetsOf } from "./identity-targets";
import { mtlsMode, type Token } from "./istio";
import { tokensHeldBy } from "./kagent";
import type { Objects } from "./objects";
import { type DeclaredRequest, DeclaredRequests } from "./oracle/identity";
import { ROGUE_NAMESPACE } from "./selected";

/** A request that is let through, or was declared and is not. */
export interface RequestCell {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly path: string;
  /** `<subject> for <audience>`; empty where no token is needed. */
  readonly token: string;
  /** Value of `x-kagent-host` that the rule asks for. */
  readonly host: string;
}
export interface RequestDifference extends RequestCell {
  readonly found: "allowed" | "refused";
  /** What lets it through, or refuses it. */
  readonly because: string;
}
export interface IdentityProof {
  readonly allowed: readonly RequestCell[];
  readonly differences: readonly RequestDifference[];
  /** Workloads that take plaintext, and from which PeerAuthentication mode. */
  readonly notStrict: readonly { readonly workload: string; readonly port: number; readonly mode: string }[];
  readonly targets: readonly Target[];
  readonly raw: ReadonlyMap<string, readonly Allowed[]>;
  /** Tokens that somebody holds. */
  readonly tokens: readonly Token[];
}

const PLAINTEXT = "(plaintext)";
/** Paths that tell the controller's APIs apart; what a rule names is tried besides. */
const PATHS = [
  "/",
  "/mcp",
  "/api/agents",
  "/api/modelconfigs",
  "/api/a2a/team/agent/",
  "/metrics",
  ...kagent.AGENT_API_PATHS.flatMap((path) => [path, `${path}/1/events`, `${path}X`]),
];

const COMPONENT_PORT: Readonly<Record<kagent.KagentComponent, number>> = {
  controller: kagent.CONTROLLER_PORT,
  ui: kagent.UI_PORT,
  database: kagent.DATABASE_PORT,
};
/** One that no workload listens on: a rule without ports opens it too. */
const OTHER_PORT = 6060;

/** Identities by principal, with a name for people: everybody declared, everybody else in a governed namespace, and rogues. */
export function identitiesOf({ agents, tenants, cluster, routing }: Topology): Map<string, string> {
  const { trustDomain } = cluster;
  const rogue = (domain: string, namespace: string, account: string): [string, string] => {
    const principal = istio.principal(domain, namespace, account);
    return [principal, principal];
  };
  const declared: [string, string][] = [
    ...agents.map((agent): [string, string] => [agentPrincipal(agent, trustDomain), agent.id]),
    [controllerPrincipal(trustDomain), `${kagent.KAGENT_NAMESPACE}/controller`],
    [uiPrincipal(trustDomain), `${kagent.KAGENT_NAMESPACE}/ui`],
    ...(routing === "gateway" ? [[gatewayPrincipal(trustDomain), GATEWAY_ID] as [string, string]] : []),
    ...cluster.entry.map(({ namespace, serviceAccount }): [string, string] => [
      istio.principal(trustDomain, namespace, serviceAccount),
      `${namespace}/${serviceAccount}`,
    ]),
  ];
  const [someone] = agents;
  return new Map([
    ...[kagent.KAGENT_NAMESPACE, ROGUE_NAMESPACE, ...tenants.map(({ name }) => name)].map((namespace) =>
      rogue(trustDomain, namespace, "default"),
    ),
    ...(someone === undefined ? [] : [rogue("elsewhere.example", someone.tenant, `${someone.name}-sa`)]),
    ...declared,
  ]);
}

/** @throws NotUnderstood when a policy says something whose meaning is not known */
export function proveIdentity(topology: Topology, objects: Objects): IdentityProof {
  const identities = identitiesOf(topology);
  const declared = new DeclaredRequests(topology);
  const tokens = objects.all("Agent").flatMap((agent) => tokensHeldBy(objects, agent));
  const callers = new Callers(objects, {
    trustDomain: topology.cluster.trustDomain,
    principals: [...identities.keys()],
    tokens,
    ports: [
      ...new Set([kagent.AGENT_PORT, istio.GATEWAY_PORT, ...Object.values(COMPONENT_PORT), OTHER_PORT]),
    ],
    paths: PATHS,
  });
  const targets = targetsOf(topology, objects);
  const raw = new Map<string, readonly Allowed[]>();
  const nameOf = (principal: string | undefined) =>
    principal === undefined ? PLAINTEXT : (identities.get(principal) ?? principal);
  const allowed: RequestCell[] = [];
  const differences: RequestDifference[] = [];
  for (const target of targets) {
    const { requests, paths } = callers.allowed(target);
    raw.set(target.name, requests);
    const found = new Map(requests.map((one) => [keyOf(one), one]));
    const wanted = declaredRequests(declaredFor(target, declared), paths);
    const causes = new Causes(objects, target);
    const cell = (one: Allowed) => cellOf(one, target, nameOf);
    allowed.push(...[...found.values()].map(cell));
    for (const [key, one] of found)
      if (!wanted.has(key))
        differences.push({ ...cell(one), found: "allowed", because: causes.allowing(one) });
    for (const [key, one] of wanted)
      if (!found.has(key))
        differences.push({ ...cell(one), found: "refused", because: causes.refusing(one) });
  }
  return { allowed, differences, notStrict: notStrict(objects, targets), targets, raw, tokens };
}

function notStrict(objects: Objects, targets: readonly Target[]) {
  const ports = [kagent.AGENT_PORT, istio.GATEWAY_PORT, kagent.DATABASE_PORT];
  return targets.flatMap((target) =>
    ports.flatMap((port) => {
      const mode = mtlsMode(objects, target, port);
      return mode === "STRICT" ? [] : [{ workload: target.name, port, mode }];
    }),
  );
}

function declaredFor({ name, agent }: Target, declared: DeclaredRequests): DeclaredRequest[] {
  if (agent !== undefined) return declared.toAgent(agent);
  if (name === GATEWAY_ID) return declared.toGateway();
  const component = COMPONENTS.find((one) => name === `${kagent.KAGENT_NAMESPACE}/${one}`);
  return component === undefined ? [] : declared.toComponent(component);
}

function showToken(token: Pick<Token, "subject" | "audience" | "claims"> | undefined): string {
  if (token === undefined) return "";
  const claims = Object.entries(token.claims ?? {}).sort();
  const told = claims.map(([claim, values]) => ` with ${claim} ${values.join(",")}`);
  return `${token.subject} for ${token.audience}${told.join("")}`;
}

const keyOf = ({ principal, token, port, path, headers }: Allowed): string =>
  JSON.stringify([principal ?? "", showToken(token), token?.issuer ?? "", port, path, headers]);

function cellOf(
  one: Allowed,
  target: Target,
  nameOf: (principal: string | undefined) => string,
): RequestCell {
  return {
    from: nameOf(one.principal),
    to: target.name,
    port: one.port,
    path: one.path,
    token: showToken(one.token),
    host: one.headers[kagent.CALLEE_HEADER] ?? "",
  };
}

function declaredRequests(
  requests: readonly DeclaredRequest[],
  paths: readonly string[],
): Map<string, Allowed> {
  const found = new Map<string, Allowed>();
  for (const { principal, token, port, host, isPathAllowed = () => true } of requests)
    for (const path of paths.filter(isPathAllowed)) {
      const one: Allowed = {
        principal,
        token: token && { ...token, genuine: true, header: "" },
        port,
        path,
        headers: host === undefined ? {} : { [kagent.CALLEE_HEADER]: host },
      };
      found.set(keyOf(one), one);
    }
  return found;
}
