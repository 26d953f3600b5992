/**
 * What the kagent controller itself says to a delegation that nobody declared, where admission lets it in: only on request, because
 * the Agent is really created, and only a cluster for tests lets it in.
 */
import { randomBytes } from "node:crypto";
import { sleep } from "../../system/interrupt";
import { type Agent, kagent, serviceAccountName, type Tenant, type Topology } from "../../topology/index";
import type { Answer } from "../live/api";
import { MissingRight } from "../live/cluster";
import { withOwnObject } from "../probes/own-object";
import type { Doc } from "../static/objects";
import { agentTool, plannedAgent } from "./admission";
import { about, type Check, type Context, type Finding, fail, forEach, notAnswerable, pass } from "./check";
import { conditionOf } from "./reconciler";

const POLL_MS = 500;

/** Word for word what the controller says (kagent 0.10, measured). */
export const notAllowed = ({ id }: Pick<Agent, "id">, namespace: string): string =>
  `cross-namespace reference to agent ${id} is not allowed from namespace ${namespace}`;

/** Admission was not bypassed. */
class Refused extends Error {}

/** The controller knows a caller by its namespace: another team none of whose agents delegates to the callee. */
const strangerTo = (callee: Agent, { tenants }: Topology): Tenant | undefined =>
  tenants.find(
    ({ name, agents }) =>
      name !== callee.tenant && agents.length > 0 && !callee.callers.some(({ tenant }) => tenant === name),
  );

function rogue(context: Context, { name: namespace, agents }: Tenant, callee: Agent): Doc {
  const manifest = plannedAgent(context, agents[0] as Agent);
  const name = `kagent-a2a-verify-${randomBytes(4).toString("hex")}`;
  manifest.metadata = { name, namespace };
  manifest.spec.declarative.deployment.serviceAccountName = serviceAccountName(name);
  manifest.spec.declarative.tools = [agentTool(callee.id)];
  return manifest;
}

/** Waits until the controller has looked at it. */
async function judged(context: Context, agent: Doc, callee: Agent, subject: string): Promise<Finding> {
  const { cluster, signal } = context;
  const seconds = cluster.api.timeoutSeconds;
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const { body } = await cluster.get(agent);
    const accepted = conditionOf(body, "Accepted");
    if (accepted !== undefined) {
      const expected = notAllowed(callee, agent.metadata.namespace);
      if (accepted.status === "False" && accepted.message === expected) return pass(subject, expected);
      const said = `Accepted=${accepted.status}: ${accepted.message ?? ""}`;
      return fail(subject, `the controller says ${said} instead of refusing it: ${expected}`);
    }
    if (Date.now() > deadline)
      return notAnswerable(subject, `no kagent controller has looked at it within ${seconds} s`);
    await sleep(POLL_MS, signal);
  }
}

async function attempt(context: Context, tenant: Tenant, callee: Agent): Promise<Finding> {
  const agent = rogue(context, tenant, callee);
  const subject = `${tenant.name} -> ${callee.id}`;
  const refused = ({ message }: Answer) =>
    / cannot create resource /.test(message)
      ? new MissingRight(`create agents.${kagent.KAGENT_API_GROUP} in ${tenant.name}`)
      : new Refused(message);
  try {
    return await withOwnObject(context.cluster.api, agent, refused, () =>
      judged(context, agent, callee, subject),
    );
  } catch (error) {
    if (error instanceof Refused)
      return notAnswerable(subject, `admission refuses it first, as it must: ${error.message}`);
    throw error;
  }
}

export const undeclared: Check = {
  layer: "reconciler",
  title: "the controller refuses an undeclared delegation that admission let in",
  run: async (context) => {
    if (context.triesUndeclared !== true)
      return [notAnswerable("undeclared delegations", "it needs --try-undeclared, which creates an Agent")];
    return forEach(context.topology.agents, (callee) =>
      about(callee.id, async () => {
        const tenant = strangerTo(callee, context.topology);
        return tenant === undefined
          ? notAnswerable(callee.id, "every other team has an agent that may delegate to it")
          : attempt(context, tenant, callee);
      }),
    );
  },
};
