/**
 * What the API server refuses, asked by dry run: an Agent outside of the tenants, a delegation and an agent that nobody
 * declared, an Agent without the restricted contexts, a label that nobody gave. Each must be refused with its own message, so
 * that a refusal for any other reason is no pass; and beside them a declared Agent must be let in.
 */
import { type Agent, crossesTenants, kagent, serviceAccountName } from "../../topology/index";
import type { Answer } from "../live/api";
import { MissingRight } from "../live/cluster";
import type { Doc } from "../static/objects";
import { about, type Check, type Context, type Finding, fail, forEach, pass } from "./check";

/** Where nobody is a tenant; it always exists. */
const OUTSIDE = "default";
/** Nobody's agent. */
const NOBODY = "kagent-a2a-verify";

/** What the API server must say. A test holds these against the rules that say it. */
export const REFUSALS = {
  notConsumer: "refers to an agent of another namespace, and namespace",
  undeclared: "which the delegation graph does not declare",
  unknownAgent: "the delegation graph declares no such agent",
  podContext: "podSecurityContext must set runAsNonRoot and seccompProfile RuntimeDefault",
  label: "may not carry the label",
} as const;

/** Refused with this message, and with nothing less. */
export function refused(subject: string, expected: string, { code, message }: Answer): Finding {
  if (code < 300) return fail(subject, "the API server would let it in");
  if (message.includes(expected)) return pass(subject, "refused");
  if (/ cannot (create|update|patch) resource /.test(message))
    throw new MissingRight(`try it by dry run: ${message}`);
  return fail(subject, `it is refused for another reason than the expected one: ${message}`);
}

export const agentTool = (callee: string): Doc => {
  const [namespace, name] = callee.split("/");
  return { type: "Agent", agent: { name, namespace, kind: "Agent", apiGroup: kagent.KAGENT_API_GROUP } };
};

/** A copy, to be changed. */
export function plannedAgent({ planned }: Context, agent: Agent): Doc {
  const found = planned.find(({ layer, agent: id }) => layer === "agents" && id === agent.id);
  if (found === undefined) throw new Error(`no Agent ${agent.id} is planned`);
  return structuredClone(found.manifest);
}

/** The agent as it would be with something changed, put in the place of the one on the cluster. */
async function changed(context: Context, agent: Agent, change: (spec: Doc) => void): Promise<Answer> {
  const manifest = plannedAgent(context, agent);
  change(manifest.spec);
  const live = context.live.find(manifest);
  if (live === undefined) return context.cluster.wouldCreate(manifest);
  return context.cluster.wouldReplace({
    ...manifest,
    metadata: { ...live.metadata, managedFields: undefined },
  });
}

const addTool = (callee: string) => (spec: Doc) => {
  spec.declarative.tools = [...(spec.declarative.tools ?? []), agentTool(callee)];
};

const rogueAgent: Check = {
  layer: "admission",
  title: "an Agent of a namespace outside of the graph may not delegate to a team's agent",
  run: (context) =>
    forEach(
      context.topology.tenants.flatMap(({ agents }) => agents.slice(0, 1)),
      (callee) =>
        about(`${OUTSIDE}/${NOBODY} -> ${callee.id}`, async () => {
          const manifest = plannedAgent(context, callee);
          manifest.metadata = { name: NOBODY, namespace: OUTSIDE };
          manifest.spec.declarative.deployment.serviceAccountName = serviceAccountName(NOBODY);
          manifest.spec.declarative.tools = [agentTool(callee.id)];
          const answer = await context.cluster.wouldCreate(manifest);
          return refused(`${OUTSIDE}/${NOBODY} -> ${callee.id}`, REFUSALS.notConsumer, answer);
        }),
    ),
};

/** For each agent one delegation to another team that nobody declared, preferably to an agent that exists. */
const undeclaredDelegation: Check = {
  layer: "admission",
  title: "a delegation that nobody declared is refused",
  run: (context) =>
    forEach(context.topology.agents, (caller) => {
      const callee = undeclaredCallee(context, caller);
      const subject = `${caller.id} -> ${callee}`;
      return about(subject, async () => {
        const expected = isConsumer(context, caller) ? REFUSALS.undeclared : REFUSALS.notConsumer;
        return refused(subject, expected, await changed(context, caller, addTool(callee)));
      });
    }),
};

function undeclaredCallee({ topology }: Context, caller: Agent): string {
  const declared = new Set(caller.callees.map(({ id }) => id));
  const others = topology.agents.find((agent) => agent.tenant !== caller.tenant && !declared.has(agent.id));
  return others?.id ?? `${kagent.KAGENT_NAMESPACE}/${NOBODY}`;
}

const isConsumer = ({ topology }: Context, { tenant }: Agent): boolean =>
  topology.delegations.some((one) => one.caller.tenant === tenant && crossesTenants(one));

const unknownAgent: Check = {
  layer: "admission",
  title: "an Agent that nobody declared is refused in a tenant",
  run: (context) =>
    forEach(
      context.topology.tenants.flatMap(({ agents }) => agents.slice(0, 1)),
      (agent) =>
        about(`${agent.tenant}/${NOBODY}`, async () => {
          const manifest = plannedAgent(context, agent);
          manifest.metadata = { name: NOBODY, namespace: agent.tenant };
          manifest.spec.declarative.deployment.serviceAccountName = serviceAccountName(NOBODY);
          delete manifest.spec.declarative.tools;
          const answer = await context.cluster.wouldCreate(manifest);
          return refused(`${agent.tenant}/${NOBODY}`, REFUSALS.unknownAgent, answer);
        }),
    ),
};

const defaultContext: Check = {
  layer: "admission",
  title: "an Agent without the restricted contexts is refused",
  run: (context) =>
    forEach(context.topology.agents, (agent) =>
      about(agent.id, async () =>
        refused(
          agent.id,
          REFUSALS.podContext,
          await changed(context, agent, ({ declarative }) => {
            delete declarative.deployment.podSecurityContext;
            delete declarative.deployment.securityContext;
          }),
        ),
      ),
    ),
};

/** Without it, an API server that refuses everything would pass. */
const declaredAgent: Check = {
  layer: "admission",
  title: "a declared Agent is let in",
  run: (context) =>
    forEach(context.topology.agents, (agent) =>
      about(agent.id, async () => {
        const { code, message } = await changed(context, agent, (spec) => {
          // An update that leaves the spec alone is not judged.
          spec.declarative.systemMessage = `${spec.declarative.systemMessage} `;
        });
        if (/ cannot (create|update|patch) resource /.test(message)) throw new MissingRight(message);
        return code < 300
          ? pass(agent.id, "let in")
          : fail(agent.id, `the API server refuses it: ${message}`);
      }),
    ),
};

const ownLabel: Check = {
  layer: "admission",
  title: "a namespace may not give itself a delegation label",
  run: ({ cluster }) =>
    forEach([kagent.CONSUMER_LABEL, kagent.PROVIDER_LABEL], (label) =>
      about(label, async () => {
        const metadata = { name: NOBODY, labels: { [label]: "true" } };
        const answer = await cluster.wouldCreate({ apiVersion: "v1", kind: "Namespace", metadata });
        return refused(label, REFUSALS.label, answer);
      }),
    ),
};

export const admission: readonly Check[] = [
  rogueAgent,
  undeclaredDelegation,
  unknownAgent,
  defaultContext,
  declaredAgent,
  ownLabel,
];
