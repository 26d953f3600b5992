/** Every question that the lab asks of a topology: who connects to whom, who gets an answer from whom, and with which token. */
import { type Agent, calleeHeaderValue, dottedId, istio, kagent, type Topology } from "../topology/index";
import {
  type Actor,
  API_SERVER_ID,
  cast,
  DATABASE_ID,
  ELSEWHERE,
  ELSEWHERE_ID,
  GATEWAY_ID,
  hostsOf,
  kagentId,
  modelId,
} from "./cast";
import { TOKEN_KINDS, type TokenKind } from "./tokens";

/** Which layers decide: the network policies, identity and token together, or all of them. */
export const MODES = ["network", "mesh", "all"] as const;
export type Mode = (typeof MODES)[number];

interface Ends {
  readonly from: Actor;
  readonly to: Actor;
  readonly port: number;
}
/** Can it connect, past its own sidecar? */
export interface Connection extends Ends {
  readonly kind: "connection";
}
/** Is a request to an agent answered by it? */
export interface Call extends Ends {
  readonly kind: "call";
  readonly way: "gateway" | "direct";
  readonly callee: Agent;
  readonly token: TokenKind;
  /** Value of `x-kagent-host`. */
  readonly host: string;
}
/** Is a request to a part of kagent answered? */
export interface Api extends Ends {
  readonly kind: "api";
  readonly path: string;
}
/** Is something outside of the mesh reached by its name? */
export interface Egress extends Ends {
  readonly kind: "egress";
  readonly host: string;
  readonly tls: boolean;
}
export type Question = Connection | Call | Api | Egress;

/** One line that names a question, the same in every run. */
export function describe(question: Question): string {
  const { from, to, port } = question;
  switch (question.kind) {
    case "connection":
      return `${from.id} connects to ${to.id}:${port}`;
    case "call":
      return `${from.id} calls ${question.callee.id} ${question.way === "gateway" ? "through the gateway" : "directly"}, token: ${question.token}`;
    case "api":
      return `${from.id} requests ${question.path} of ${to.id}:${port}`;
    case "egress":
      return `${from.id} reaches ${to.id} as ${question.host}:${port}`;
  }
}

/** Paths that tell the controller's APIs apart: the three that agents need, neighbours of them, and what they must not touch. */
const CONTROLLER_PATHS = [
  ...kagent.AGENT_API_PATHS.flatMap((path) => [path, `${path}/1`]),
  `${kagent.AGENT_API_PATHS[0]}X`,
  "/api/agents",
  "/api/modelconfigs",
  "/api/a2a/team/agent/",
  "/mcp",
];

export function questions(topology: Topology): Question[] {
  const actors = cast(topology);
  const byId = new Map(actors.map((actor) => [actor.id, actor]));
  const callers = actors.filter(
    ({ isOutside, part, id }) => !isOutside && part === undefined && !id.startsWith("outside/"),
  );
  return callers.flatMap((from) => [
    ...connections(from, actors),
    ...calls(from, topology, byId),
    ...apis(from, byId),
    ...egress(from, topology, byId),
  ]);
}

function connections(from: Actor, actors: readonly Actor[]): Connection[] {
  return actors
    .filter((to) => to.id !== from.id)
    .flatMap((to) => portsOf(to).map((port): Connection => ({ kind: "connection", from, to, port })));
}

/** Pods that serve nothing are asked on an agent's port: whoever lands in a tenant's namespace is covered too. */
function portsOf({ http, tls, mesh }: Actor): readonly number[] {
  if (mesh === "router") return [istio.GATEWAY_PORT];
  const ports = [...http, ...tls];
  return ports.length > 0 ? ports : [kagent.AGENT_PORT];
}

function calls(from: Actor, { agents, routing }: Topology, byId: ReadonlyMap<string, Actor>): Call[] {
  const gateway = byId.get(GATEWAY_ID);
  return agents
    .filter(({ id }) => id !== from.id)
    .flatMap((callee) => {
      const to = byId.get(callee.id);
      const host = calleeHeaderValue(callee);
      const call = { kind: "call", from, callee, host } as const;
      return TOKEN_KINDS.flatMap((token): Call[] => [
        ...(to === undefined
          ? []
          : [{ ...call, to, port: kagent.AGENT_PORT, way: "direct", token } as const]),
        ...(routing !== "gateway" || gateway === undefined || from === gateway
          ? []
          : [{ ...call, to: gateway, port: istio.GATEWAY_PORT, way: "gateway", token } as const]),
      ]);
    });
}

function apis(from: Actor, byId: ReadonlyMap<string, Actor>): Api[] {
  const at = (component: kagent.KagentComponent, port: number, paths: readonly string[]): Api[] => {
    const to = byId.get(kagentId(component));
    if (to === undefined || to === from) return [];
    return paths.map((path) => ({ kind: "api", from, to, port, path }));
  };
  return [
    ...at("controller", kagent.CONTROLLER_PORT, CONTROLLER_PATHS),
    ...at("ui", kagent.UI_PORT, ["/"]),
    ...at("database", kagent.DATABASE_PORT, ["/"]),
  ];
}

function egress(from: Actor, { agents, cluster }: Topology, byId: ReadonlyMap<string, Actor>): Egress[] {
  const models = [...new Map(agents.map(({ model }) => [model.name, model])).values()];
  const toModels = models.flatMap((model) => {
    const to = byId.get(modelId(model));
    if (to === undefined) return [];
    const { port, pods } = model.settings.egress;
    // Of a name with a wildcard the lab knows one case.
    const [host] = pods === undefined ? to.hosts : hostsOf(to, cluster.clusterDomain);
    return host === undefined
      ? []
      : [{ kind: "egress", from, to, port, host, tls: pods === undefined } as const];
  });
  const elsewhere = byId.get(ELSEWHERE_ID);
  const database = byId.get(DATABASE_ID);
  const apiServer = byId.get(API_SERVER_ID);
  return [
    ...toModels,
    ...(database === undefined
      ? []
      : [
          {
            kind: "egress",
            from,
            to: database,
            port: database.tls[0] ?? kagent.DATABASE_PORT,
            host: database.hosts[0] ?? "",
            tls: true,
          } as const,
        ]),
    ...(elsewhere === undefined
      ? []
      : [
          { kind: "egress", from, to: elsewhere, port: 443, host: ELSEWHERE, tls: true } as const,
          { kind: "egress", from, to: elsewhere, port: 80, host: ELSEWHERE, tls: false } as const,
        ]),
    ...(apiServer === undefined
      ? []
      : [
          {
            kind: "egress",
            from,
            to: apiServer,
            port: cluster.apiServer.port,
            host: apiServer.address ?? "",
            tls: true,
          } as const,
        ]),
  ];
}

/** Which questions a mode can answer: connections go past the sidecar, so the mesh has no say in them. */
export function isAsked(question: Question, mode: Mode): boolean {
  return mode === "network" ? question.kind === "connection" : question.kind !== "connection";
}

/** Subject of the token that somebody would have if it were an agent of that name. */
export const subjectOf = ({ namespace, name }: Actor): string => dottedId({ tenant: namespace, name });
