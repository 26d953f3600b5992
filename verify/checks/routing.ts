/**
 * What only running pods can show: the callee answers on the declared way with the declared token, and in no other way; and a pod
 * of nobody cannot even connect to it, while it can connect elsewhere.
 */
import {
  type Agent,
  agentHost,
  audience,
  calleeHeaderValue,
  type Delegation,
  gatewayHost,
  istio,
  kagent,
  TOKEN_HEADER,
  tokenSecretName,
} from "../../topology/index";
import { MissingRight } from "../live/cluster";
import { PodExecutor } from "../probes/exec";
import { CannotExecute, type Executor, type Outcome, type Place, probe } from "../probes/probe";
import { NoRogue, withRogue } from "../probes/rogue";
import type { Doc } from "../static/objects";
import { about, type Check, type Context, type Finding, fail, forEach, notAnswerable, pass } from "./check";

const CARD = "/.well-known/agent-card.json";
const FORBIDDEN = 403;
const PROBE_SECONDS = 5;
/** A sidecar's own answer when it cannot connect to where the request goes. */
const NO_UPSTREAM = 503;

/** Refused by the mesh for want of a good token. */
export const REFUSED = [401, 403];

interface Running {
  readonly place: Place;
  readonly address: string;
  readonly image: string;
}

async function runningPod({ cluster }: Context, { tenant, name }: Agent): Promise<Running | undefined> {
  const labels = Object.entries(kagent.agentPodLabels(name));
  const pods = (await cluster.list("v1", "Pod")) ?? [];
  const pod = pods.find(
    ({ metadata, status }) =>
      metadata.namespace === tenant &&
      status?.phase === "Running" &&
      labels.every(([key, value]) => metadata.labels?.[key] === value),
  );
  const container = pod?.spec.containers.find((one: Doc) => one.name !== istio.PROXY_CONTAINER);
  if (pod === undefined || container === undefined) return undefined;
  return {
    place: { namespace: tenant, pod: pod.metadata.name, container: container.name },
    address: pod.status.podIP,
    image: container.image,
  };
}

/** Why nothing can be asked of an agent's pod. */
const noPod = ({ live }: Context, { id }: Agent): string =>
  live.nodes === 0
    ? "this cluster has no nodes, so no agent runs"
    : `no pod of ${id} is running; it needs one of each agent`;

/** The URL and header by which a delegation is meant to go, and the one by which it is not. */
function ways({ topology }: Context, { callee }: Delegation) {
  const { routing, cluster } = topology;
  const gateway = `http://${gatewayHost(cluster.clusterDomain)}:${istio.GATEWAY_PORT}${CARD}`;
  const direct = `http://${agentHost(callee, cluster.clusterDomain)}:${kagent.AGENT_PORT}${CARD}`;
  const headers = { [kagent.CALLEE_HEADER]: calleeHeaderValue(callee) };
  return routing === "gateway"
    ? { declared: { url: gateway, headers }, other: { url: direct, headers: {} } }
    : { declared: { url: direct, headers: {} }, other: undefined };
}

async function tokenOf({ cluster }: Context, { caller, callee }: Delegation): Promise<string> {
  const metadata = { name: tokenSecretName(caller.name), namespace: caller.tenant };
  const { code, body } = await cluster.get({ apiVersion: "v1", kind: "Secret", metadata });
  if (code === FORBIDDEN) throw new MissingRight(`get secrets in ${caller.tenant}`);
  return Buffer.from(body.data?.[audience(callee)] ?? "", "base64").toString("utf8");
}

/** Tokens that must be refused, each for its own reason; none is written anywhere. */
export function badTokens(good: string): readonly (readonly [what: string, token: string | undefined])[] {
  const [header = "", claims = "", signature = ""] = good.split(".");
  const decoded: Doc = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
  const changed = (change: object) =>
    [header, Buffer.from(JSON.stringify({ ...decoded, ...change })).toString("base64url"), signature].join(
      ".",
    );
  const otherEnd = signature.startsWith("A") ? "B" : "A";
  return [
    ["no token", undefined],
    ["a token for another audience", changed({ aud: "nobody.nowhere" })],
    ["a token of another subject", changed({ sub: "nobody.nowhere" })],
    ["a token with another signature", `${header}.${claims}.${otherEnd}${signature.slice(1)}`],
  ];
}

export const describe = (outcome: Outcome): string =>
  "status" in outcome
    ? `HTTP ${outcome.status}`
    : "connected" in outcome
      ? "connected"
      : `not reachable (${outcome.unreachable})`;
const isAnswered = (outcome: Outcome): boolean => "status" in outcome && outcome.status === 200;
const isRefused = (outcome: Outcome): boolean => "status" in outcome && REFUSED.includes(outcome.status);

export async function delegationFindings(
  executor: Executor,
  context: Context,
  delegation: Delegation,
  place: Place,
): Promise<Finding[]> {
  const { declared, other } = ways(context, delegation);
  const good = await tokenOf(context, delegation);
  const send = (way: typeof declared, token: string | undefined) =>
    probe(executor, place, {
      kind: "http",
      url: way.url,
      headers: { ...way.headers, ...(token !== undefined && { [TOKEN_HEADER]: token }) },
      timeoutSeconds: PROBE_SECONDS,
    });
  const told = (what: string) => `${delegation.id}, ${what}`;
  const answered = await send(declared, good);
  const findings = [
    isAnswered(answered)
      ? pass(told("with its token"), describe(answered))
      : fail(told("with its token"), `${describe(answered)}: the callee's card must come back`),
  ];
  for (const [what, token] of badTokens(good)) {
    const outcome = await send(declared, token);
    findings.push({
      ...(isRefused(outcome)
        ? pass(told(what), describe(outcome))
        : fail(told(what), `${describe(outcome)}: it must be refused (${REFUSED.join(" or ")})`)),
      layer: "token",
    });
  }
  if (other !== undefined) {
    const outcome = await send(other, good);
    findings.push(
      isAnswered(outcome)
        ? fail(told("past the gateway"), `${describe(outcome)}: the callee answers past the gateway`)
        : pass(told("past the gateway"), describe(outcome)),
    );
  }
  return findings;
}

const declaredWay: Check = {
  layer: "routing",
  title: "the callee answers on the declared way with the declared token, and in no other way",
  speaksOf: ["token"],
  run: async (context) => {
    const { cluster, topology, signal } = context;
    const executor = new PodExecutor(cluster.api.kubeconfig, cluster.api.timeoutSeconds, signal);
    return forEach(topology.delegations, (delegation) =>
      about(delegation.id, async () => {
        const pod = await runningPod(context, delegation.caller);
        if (pod === undefined) return notAnswerable(delegation.id, noPod(context, delegation.caller));
        return answerable(delegation.id, () => delegationFindings(executor, context, delegation, pod.place));
      }),
    );
  },
};

/** What could not be asked is no answer, neither way. */
async function answerable(
  subject: string,
  ask: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CannotExecute || error instanceof NoRogue)
      return [notAnswerable(subject, error.message)];
    throw error;
  }
}

/** From a place to agents; the control first, without which nothing is said. */
export async function connectionFindings(
  executor: Executor,
  from: { readonly name: string; readonly place: Place },
  control: { readonly host: string; readonly port: number },
  targets: readonly { readonly id: string; readonly address: string }[],
): Promise<Finding[]> {
  const connect = (host: string, port: number) =>
    probe(executor, from.place, { kind: "tcp", host, port, timeoutSeconds: PROBE_SECONDS });
  const reached = await connect(control.host, control.port);
  if (!("connected" in reached))
    return [
      notAnswerable(
        from.name,
        `it cannot reach what it must be able to reach (${describe(reached)}), so that it reaches no agent says nothing`,
      ),
    ];
  const findings: Finding[] = [];
  for (const { id, address } of targets) {
    const outcome = await connect(address, kagent.AGENT_PORT);
    const subject = `${from.name} -> ${id}`;
    findings.push(
      "connected" in outcome
        ? fail(
            subject,
            "it connects: the network plugin does not enforce NetworkPolicies, or they are too wide",
          )
        : pass(subject, describe(outcome)),
    );
  }
  return findings;
}

const directly: Check = {
  layer: "network",
  title: "no pod but the declared ones can connect to an agent",
  run: async (context) => {
    const { cluster, topology, signal } = context;
    const pods = new Map<string, Running>();
    for (const agent of topology.agents) {
      const pod = await runningPod(context, agent);
      if (pod !== undefined) pods.set(agent.id, pod);
    }
    const [first] = topology.agents;
    const image = [...pods.values()][0]?.image;
    if (first === undefined) return [pass("agents", "there are none")];
    if (image === undefined) return [notAnswerable("rogue pod", noPod(context, first))];
    const executor = new PodExecutor(cluster.api.kubeconfig, cluster.api.timeoutSeconds, signal);
    const targets = [...pods].map(([id, { address }]) => ({ id, address }));
    const options = { image, timeoutSeconds: cluster.api.timeoutSeconds, signal };
    // From an agent's pod its sidecar would answer the connection itself: only a pod outside of the mesh shows the network alone.
    return answerable("rogue pod", () =>
      withRogue(cluster.api, options, ({ place, control }) =>
        connectionFindings(
          executor,
          { name: "rogue pod", place },
          { host: control.address, port: control.port },
          targets,
        ),
      ),
    );
  },
};

/** From an agent's pod to an agent of another team that nobody lets it call, by every way there is, with every token it has. */
export async function undeclaredFindings(
  executor: Executor,
  { topology }: Pick<Context, "topology">,
  { caller, callee, tokens }: { caller: Agent; callee: Agent; tokens: readonly string[] },
  place: Place,
): Promise<Finding[]> {
  const { clusterDomain } = topology.cluster;
  const subject = `${caller.id} -> ${callee.id}`;
  const get = (url: string, headers: Readonly<Record<string, string>>) =>
    probe(executor, place, { kind: "http", url, headers, timeoutSeconds: PROBE_SECONDS });
  const controller = istio.serviceHost(
    kagent.CONTROLLER_SERVICE_ACCOUNT,
    kagent.KAGENT_NAMESPACE,
    clusterDomain,
  );
  const control = await get(`http://${controller}:${kagent.CONTROLLER_PORT}${kagent.AGENT_API_PATHS[0]}`, {});
  if (!("status" in control) || control.status === NO_UPSTREAM)
    return [notAnswerable(subject, `its pod cannot reach the controller either (${describe(control)})`)];
  const direct = `http://${agentHost(callee, clusterDomain)}:${kagent.AGENT_PORT}${CARD}`;
  const gateway = `http://${gatewayHost(clusterDomain)}:${istio.GATEWAY_PORT}${CARD}`;
  const urls = topology.routing === "gateway" ? [direct, gateway] : [direct];
  for (const url of urls)
    for (const token of [undefined, ...tokens]) {
      const outcome = await get(url, {
        [kagent.CALLEE_HEADER]: calleeHeaderValue(callee),
        ...(token !== undefined && { [TOKEN_HEADER]: token }),
      });
      if (isAnswered(outcome)) {
        const how = token === undefined ? "without a token" : "with a token of its own for another agent";
        return [fail(subject, `${describe(outcome)} from ${url} ${how}: it must be refused`)];
      }
    }
  return [pass(subject, "refused on every way")];
}

const undeclared: Check = {
  layer: "routing",
  title: "an agent of another team that is no declared caller gets no answer",
  run: async (context) => {
    const { cluster, topology, signal } = context;
    const executor = new PodExecutor(cluster.api.kubeconfig, cluster.api.timeoutSeconds, signal);
    return forEach(topology.agents, (caller) => {
      const callee = topology.agents.find(
        (agent) => agent.tenant !== caller.tenant && !caller.callees.some(({ id }) => id === agent.id),
      );
      if (callee === undefined) return Promise.resolve([]);
      const subject = `${caller.id} -> ${callee.id}`;
      return about(subject, async () => {
        const pod = await runningPod(context, caller);
        if (pod === undefined) return notAnswerable(subject, noPod(context, caller));
        return answerable(subject, async () => {
          const own = caller.callees.map((one) => tokenOf(context, { id: "", caller, callee: one }));
          const tokens = await Promise.all(own);
          return undeclaredFindings(executor, context, { caller, callee, tokens }, pod.place);
        });
      });
    });
  },
};

export const routing: readonly Check[] = [declaredWay, undeclared, directly];
