/**
 * What only running pods can show: the callee answers on the declared way with the declared token, and in no other way.
 */
import {
  type Agent,
  agentHost,
  calleeHeaderValue,
  type Delegation,
  gatewayHost,
  istio,
  kagent,
  TOKEN_HEADER,
} from "../../topology/index";
import { type Executor, type Outcome, type Place, probe } from "../probes/probe";
import { about, type Check, type Context, type Finding, fail, forEach, notAnswerable, pass } from "./check";
import { heldToken, wrongTokens } from "./held-token";
import { agentPodOf, answerable, executorOf, noPod } from "./pods";

const CARD = "/.well-known/agent-card.json";
export const PROBE_SECONDS = 5;
/** A sidecar's own answer when it cannot connect to where the request goes. */
const NO_UPSTREAM = 503;

/** Refused by the mesh for want of a good token. */
export const REFUSED = [401, 403];

/** The URL and header by which a delegation is meant to go, and the one by which it is not. */
function ways({ routing, cluster }: Context["topology"], { callee }: Delegation) {
  const gateway = `http://${gatewayHost(cluster.clusterDomain)}:${istio.GATEWAY_PORT}${CARD}`;
  const direct = `http://${agentHost(callee, cluster.clusterDomain)}:${kagent.AGENT_PORT}${CARD}`;
  const headers = { [kagent.CALLEE_HEADER]: calleeHeaderValue(callee) };
  return routing === "gateway"
    ? { declared: { url: gateway, headers }, other: { url: direct, headers: {} } }
    : { declared: { url: direct, headers: {} }, other: undefined };
}

export const describe = (outcome: Outcome): string =>
  "status" in outcome
    ? `HTTP ${outcome.status}`
    : "connected" in outcome
      ? "connected"
      : `not reachable (${outcome.unreachable})`;
const isAnswered = (outcome: Outcome): boolean => "status" in outcome && outcome.status === 200;
const isRefused = (outcome: Outcome): boolean => "status" in outcome && REFUSED.includes(outcome.status);

/** Whose card an answer is; undefined for one that is no card. */
function cardOf(outcome: Outcome): string | undefined {
  try {
    const { name } = JSON.parse("body" in outcome ? outcome.body : "");
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined;
  }
}

function withItsToken(subject: string, outcome: Outcome, { id, name }: Agent): Finding {
  if (!isAnswered(outcome)) return fail(subject, `${describe(outcome)}: the callee's card must come back`);
  return cardOf(outcome) === kagent.cardName(name)
    ? pass(subject, `${describe(outcome)}, the card of ${id}`)
    : fail(subject, `${describe(outcome)}, and it is not the card of ${id}`);
}

/** A token is taken into a pod of the team that holds it, and of no other. */
const inItsTeam =
  ({ caller }: Delegation) =>
  (other: Delegation): boolean =>
    other.caller.tenant === caller.tenant;

/** @param mayBorrow whether the token of another delegation may be tried too */
export async function delegationFindings(
  executor: Executor,
  context: Pick<Context, "topology" | "cluster">,
  delegation: Delegation,
  place: Place,
  mayBorrow = inItsTeam(delegation),
): Promise<Finding[]> {
  const { topology, cluster } = context;
  const { declared, other } = ways(topology, delegation);
  const held = await heldToken(cluster, delegation);
  const send = (way: typeof declared, token: string | undefined) =>
    probe(executor, place, {
      kind: "http",
      url: way.url,
      headers: { ...way.headers, ...(token !== undefined && { [TOKEN_HEADER]: token }) },
      timeoutSeconds: PROBE_SECONDS,
    });
  const told = (what: string) => `${delegation.id}, ${what}`;
  const findings = [withItsToken(told("with its token"), await send(declared, held.text), delegation.callee)];
  const wrong = await wrongTokens(cluster, topology.delegations, { delegation, held, mayBorrow });
  for (const one of wrong) {
    const subject = told(one.what);
    const finding =
      "missing" in one
        ? notAnswerable(subject, one.missing)
        : refusedAt(subject, await send(declared, one.token));
    findings.push({ ...finding, layer: "token" });
  }
  if (other !== undefined) {
    const outcome = await send(other, held.text);
    findings.push(
      isAnswered(outcome)
        ? fail(told("past the gateway"), `${describe(outcome)}: the callee answers past the gateway`)
        : pass(told("past the gateway"), describe(outcome)),
    );
  }
  return findings;
}

const refusedAt = (subject: string, outcome: Outcome): Finding =>
  isRefused(outcome)
    ? pass(subject, describe(outcome))
    : fail(subject, `${describe(outcome)}: it must be refused (${REFUSED.join(" or ")})`);

const declaredWay: Check = {
  layer: "routing",
  title: "the callee answers on the declared way with the declared token, and in no other way",
  speaksOf: ["token"],
  run: async (context) =>
    forEach(context.topology.delegations, (delegation) =>
      about(delegation.id, async () => {
        const pod = await agentPodOf(context, delegation.caller);
        if (pod === undefined) return notAnswerable(delegation.id, noPod(context, delegation.caller));
        return answerable(delegation.id, () =>
          delegationFindings(executorOf(context), context, delegation, pod.place),
        );
      }),
    ),
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
    const { cluster, topology } = context;
    return forEach(topology.agents, (caller) => {
      const callee = topology.agents.find(
        (agent) => agent.tenant !== caller.tenant && !caller.callees.some(({ id }) => id === agent.id),
      );
      if (callee === undefined) return Promise.resolve([]);
      const subject = `${caller.id} -> ${callee.id}`;
      return about(subject, async () => {
        const pod = await agentPodOf(context, caller);
        if (pod === undefined) return notAnswerable(subject, noPod(context, caller));
        return answerable(subject, async () => {
          const own = caller.callees.map((one) => heldToken(cluster, { caller, callee: one }));
          const tokens = (await Promise.all(own)).map(({ text }) => text);
          return undeclaredFindings(executorOf(context), context, { caller, callee, tokens }, pod.place);
        });
      });
    });
  },
};

export const routing: readonly Check[] = [declaredWay, undeclared];
