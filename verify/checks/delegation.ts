/**
 * A delegation from end to end: a user's message to the exposed caller, through the controller's A2A gateway, comes back with what
 * the callee contributed. Only on request: models cost tokens, and the stub model has to be put into the cluster.
 */
import { randomBytes } from "node:crypto";
import { type Agent, type Delegation, istio, kagent } from "../../topology/index";
import { forgetUser, messageSend, type Reply, toolName } from "../probes/a2a";
import { forwarded, type Http } from "../probes/port-forward";
import { CannotExecute } from "../probes/probe";
import type { Doc } from "../static/objects";
import { NoStub, withStub } from "../stub-model/deploy";
import { isStub, STUB_URL } from "../stub-model/place";
import { about, type Check, type Context, type Finding, fail, forEach, notAnswerable, pass } from "./check";

/** An agent asks its model twice and its callee asks one too. */
const ANSWER_SECONDS = 120;

export const UNREQUESTED =
  "it needs --with-stub-model, or --ask-models, which uses tokens of the models' provider";

const random = () => randomBytes(4).toString("hex");

/** @param isStubbed models answer as the question tells, so that an agent which does not delegate is a failure */
export function judged(
  { id, callee }: Delegation,
  { state, text, tools }: Reply,
  word: string,
  isStubbed: boolean,
): Finding {
  if (state !== "completed")
    return fail(id, `the message came back without an answer (${state ?? text}${state ? `: ${text}` : ""})`);
  const used = tools.filter(({ tool }) => tool === toolName(callee));
  if (used.length === 0) {
    const told = "its model answered without delegating";
    return isStubbed ? fail(id, told) : notAnswerable(id, `${told}; ask again, or use --with-stub-model`);
  }
  const answered = used.filter(({ isAnswered }) => isAnswered);
  if (answered.length === 0)
    return fail(id, `the callee gave no answer: ${(used[0]?.text ?? "").slice(0, 200)}`);
  if (!answered.some((one) => one.text.includes(word)))
    return isStubbed
      ? fail(id, "the callee answered, but not what it was asked")
      : notAnswerable(id, "the callee answered, and its model did not repeat the word that it was to repeat");
  if (!text.includes(word))
    return isStubbed
      ? fail(id, "the callee contributed, and the caller's answer is without it")
      : notAnswerable(id, "the callee contributed, and the caller's model did not tell it");
  return pass(id, "the callee's contribution came back");
}

/**
 * One message per delegation; what it leaves at the controller is deleted.
 * @param cleaning asks by which that is done, also once `http` was interrupted
 */
export async function delegated(
  http: Http,
  delegation: Delegation,
  isStubbed: boolean,
  cleaning: Http = http,
): Promise<Finding> {
  const user = `kagent-a2a-verify-${random()}`;
  const word = `word-${random()}`;
  const text = `Ask ${toolName(delegation.callee)} to repeat this word and tell me its answer: ${word}`;
  try {
    return judged(delegation, await messageSend(http, delegation.caller, user, text), word, isStubbed);
  } finally {
    await forgetUser(cleaning, user).catch(() => 0);
  }
}

const kagentPod = async ({ cluster }: Context, component: "controller" | "ui"): Promise<Doc | undefined> =>
  (await cluster.running(kagent.KAGENT_NAMESPACE, kagent.kagentPodLabels(component)))[0];

/** Why it cannot be asked before anybody tries; undefined where it can. */
export function unasked(
  { topology, models }: Pick<Context, "topology" | "models">,
  { caller, callee }: Delegation,
): string | undefined {
  if (!caller.settings.exposed) return `no user's message reaches ${caller.id}: it is not exposed`;
  if (topology.oidc !== undefined) return "users sign in (userAuth: oidc), and verify is none";
  const other = [caller, callee].find((agent: Agent) => !isStub(agent.model));
  if (models === "stub" && other !== undefined)
    return `it needs a stack whose model ${other.model.name} stands at ${STUB_URL} (docs/verify.md)`;
  return undefined;
}

async function ask(context: Context, delegations: readonly Delegation[]): Promise<readonly Finding[]> {
  const { cluster, signal, models } = context;
  const controller = await kagentPod(context, "controller");
  if (controller === undefined)
    return delegations.map(({ id }) => notAnswerable(id, "no pod of the kagent controller is running"));
  const place = {
    namespace: kagent.KAGENT_NAMESPACE,
    pod: controller.metadata.name,
    port: kagent.CONTROLLER_PORT,
  };
  const seconds = Math.max(ANSWER_SECONDS, cluster.api.timeoutSeconds);
  const http = forwarded(cluster.api.kubeconfig, place, seconds, signal);
  const cleaning = forwarded(cluster.api.kubeconfig, place, cluster.api.timeoutSeconds);
  return forEach(delegations, (delegation) =>
    about(delegation.id, async () => {
      try {
        return await delegated(http, delegation, models === "stub", cleaning);
      } catch (error) {
        if (error instanceof CannotExecute) return notAnswerable(delegation.id, error.message);
        throw error;
      }
    }),
  );
}

async function askWithStub(
  context: Context,
  delegations: readonly Delegation[],
): Promise<readonly Finding[]> {
  const { cluster, signal } = context;
  const all = (detail: string) => delegations.map(({ id }) => notAnswerable(id, detail));
  const ui = await kagentPod(context, "ui");
  const image = ui?.spec.containers.find(({ name }: Doc) => name !== istio.PROXY_CONTAINER)?.image;
  if (image === undefined)
    return all("no pod of the kagent UI is running, whose image the stub model runs in");
  const { timeoutSeconds } = cluster.api;
  try {
    return await withStub(cluster.api, { image, timeoutSeconds, signal }, () => ask(context, delegations));
  } catch (error) {
    if (error instanceof NoStub) return all(error.message);
    throw error;
  }
}

export const delegation: Check = {
  layer: "delegation",
  title: "a user's message to the caller comes back with the callee's contribution",
  run: async (context) => {
    const { topology, models } = context;
    if (models === undefined)
      return topology.delegations.length === 0
        ? [pass("delegations", "there are none")]
        : [notAnswerable("delegations", UNREQUESTED)];
    const reasons = new Map(topology.delegations.map((one) => [one, unasked(context, one)]));
    const asked = topology.delegations.filter((one) => reasons.get(one) === undefined);
    const found =
      asked.length === 0
        ? []
        : models === "stub"
          ? await askWithStub(context, asked)
          : await ask(context, asked);
    const others = [...reasons].flatMap(([{ id }, reason]) =>
      reason === undefined ? [] : [notAnswerable(id, reason)],
    );
    return [...found, ...others];
  },
};
