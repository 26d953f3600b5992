/** Every question that the lab asks of a topology: who connects to whom, who gets an answer from whom, and with which token. */
import { type Agent, calleeHeaderValue, dottedId, istio, kagent, type Topology } from "../topology/index";
import { type Actor, isGoverned } from "./actor";
import { byId, CONTROL_ID, cast, GATEWAY_ID, INSIDER, kagentId } from "./cast";
import { API_SERVER_ID, DATABASE_ID, ELSEWHERE, ELSEWHERE_ID, modelId, modelsOf } from "./outside";
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
  const all = byId(actors);
  const callers = actors.filter(
    ({ isOutside, part, id }) => !isOutside && part === undefined && !id.startsWith("outside/"),
  );
  const asked = callers.flatMap((from): Question[] => [
    ...connections(from, actors, topology),
    ...(from.isBesides
      ? []
      : [...calls(from, topology, all), ...apis(from, actors, all), ...egress(from, topology, all)]),
  ]);
  // What has one address, or one name, is asked once.
  return [...new Map(asked.map((question) => [describe(question), question])).values()];
}

function connections(from: Actor, actors: readonly Actor[], topology: Topology): Connection[] {
  const isAbout = (to: Actor) =>
    to.id !== from.id &&
    (from.isBesides ? isGoverned(topology, to) : !to.isBesides || isGoverned(topology, from));
  return actors
    .filter(isAbout)
    .flatMap((to) => portsOf(to).map((port): Connection => ({ kind: "connection", from, to, port })));
}

/** Pods that serve nothing are asked on an agent's port: whoever lands in a tenant's namespace is covered too. */
function portsOf({ http, tls, mesh }: Actor): readonly number[] {
  if (mesh === "router") return [istio.GATEWAY_PORT];
  const ports = [...http, ...tls];
  return ports.length > 0 ? ports : [kagent.AGENT_PORT];
}

function calls(from: Actor, { agents, routing }: Topology, all: ReadonlyMap<string, Actor>): Call[] {
  const gateway = all.get(GATEWAY_ID);
  return agents
    .filter(({ id }) => id !== from.id)
    .flatMap((callee) => {
      const to = all.get(callee.id);
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

function apis(from: Actor, actors: readonly Actor[], all: ReadonlyMap<string, Actor>): Api[] {
  const at = (to: Actor | undefined, port: number, paths: readonly string[] = ["/"]): Api[] =>
    to === undefined || to === from ? [] : paths.map((path) => ({ kind: "api", from, to, port, path }));
  return [
    ...at(all.get(kagentId("controller")), kagent.CONTROLLER_PORT, CONTROLLER_PATHS),
    ...at(all.get(kagentId("ui")), kagent.UI_PORT),
    ...at(all.get(kagentId("database")), kagent.DATABASE_PORT),
    ...at(all.get(CONTROL_ID), kagent.AGENT_PORT),
    ...actors.filter(({ name }) => name === INSIDER).flatMap((to) => at(to, kagent.AGENT_PORT)),
  ];
}

function egress(from: Actor, topology: Topology, all: ReadonlyMap<string, Actor>): Egress[] {
  const { cluster, externalDatabase } = topology;
  const to = (id: string, port: number, host: string | undefined, tls = true): Egress[] => {
    const place = all.get(id);
    return place === undefined || host === undefined
      ? []
      : [{ kind: "egress", from, to: place, port, host, tls }];
  };
  return [
    ...modelsOf(topology).flatMap((model) => {
      const id = modelId(model);
      const { port, pods, hosts } = model.settings.egress;
      if (pods !== undefined) return to(id, port, `${id.replace("outside/", "")}.${pods.namespace}`, false);
      // Of a name with a wildcard the lab knows one case.
      const host = hosts[0]?.replace("*", "any");
      // Its name at its address; its name at another, and another name at its address.
      return [
        ...to(id, port, host),
        ...(port === 80 ? [] : to(ELSEWHERE_ID, port, host)),
        ...to(id, port, ELSEWHERE),
      ];
    }),
    ...to(DATABASE_ID, externalDatabase?.port ?? 0, externalDatabase?.host),
    ...to(ELSEWHERE_ID, 443, ELSEWHERE),
    ...to(ELSEWHERE_ID, 80, ELSEWHERE, false),
    ...to(API_SERVER_ID, cluster.apiServer.port, all.get(API_SERVER_ID)?.address),
  ];
}

/** Which questions a mode can answer: connections go past the sidecar, so the mesh has no say in them. */
export function isAsked(question: Question, mode: Mode): boolean {
  return mode === "network" ? question.kind === "connection" : question.kind !== "connection";
}

/** Subject of the token that somebody would have if it were an agent of that name. */
export const subjectOf = ({ namespace, name }: Actor): string => dottedId({ tenant: namespace, name });
