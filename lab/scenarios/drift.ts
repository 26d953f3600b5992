/**
 * Somebody edits the cluster, and `up` puts back what the stack declares: the program and the engine of every stack, on the
 * lab's API server. From then on the keys in force are those that the engine made, so callers show the tokens of their Secrets.
 */
import type { Manifest } from "../../components/plan/manifest";
import { sleep } from "../../system/interrupt";
import { audience, TOKEN_HEADER, tokenSecretName } from "../../topology/index";
import { OUTSIDE_MESH } from "../cast";
import type { Answer } from "../probe";
import type { Call } from "../questions";
import type { FaultReport } from "../report";
import { Engine } from "../stage/engine";
import {
  connection,
  inTime,
  isAnswered,
  isDenied,
  isDropped,
  type Observation,
  policyOf,
  WITHIN_MS,
} from "./faults";
import { declaredCall, type Sent, Traffic } from "./traffic";
import type { World } from "./world";

const PER_SECOND = 20;
/** Until a run of the engine shows: it takes as long as the machine makes it. */
const UP_WITHIN_MS = 300_000;
/** How long traffic is watched once everything is said to be as before. */
const AFTERWARDS_MS = 1_500;

export async function runDrift(
  world: World,
  configuration: Readonly<Record<string, unknown>>,
): Promise<FaultReport[]> {
  const { stage, note } = world;
  const call = declaredCall(world);
  note("drift: the stack comes up");
  const engine = await Engine.on(stage, configuration);
  await engine.up();
  await stage.enforceNetwork(true);
  return [await deletion(world, engine, call), await widening(world, engine, call)];
}

/** The token that the engine signed, from the Secret that kagent reads. */
async function deployedToken({ stage }: World, { from, callee }: Call): Promise<string> {
  const metadata = { namespace: from.namespace, name: tokenSecretName(from.name) };
  const secret = await stage.api.read({ apiVersion: "v1", kind: "Secret", metadata });
  const data = (secret?.data ?? {}) as Record<string, string>;
  return Buffer.from(data[audience(callee)] ?? "", "base64").toString("utf8");
}

async function deletion(world: World, engine: Engine, call: Call): Promise<FaultReport> {
  const { stage, note } = world;
  note("drift: a callee's AuthorizationPolicy is deleted");
  const policy = policyOf(world, call, "AuthorizationPolicy");
  const headers = { [TOKEN_HEADER]: await deployedToken(world, call) };
  const traffic = new Traffic(world, call, PER_SECOND, () => headers);
  const open = await traffic.until(isAnswered, WITHIN_MS);
  const [closed] = await Promise.all([traffic.until(isDenied, WITHIN_MS), stage.api.remove(policy)]);
  const from = traffic.now();
  const seen = await engine.refresh();
  const meanwhile = traffic.sent.filter(({ at }) => at > from);
  const [back, done] = await Promise.all([traffic.until(isAnswered, UP_WITHIN_MS), engine.up()]);
  const afterwards = await sentOnceSettled(traffic, isAnswered);
  return {
    fault: `AuthorizationPolicy of ${call.callee.id} is deleted, and \`up\` runs`,
    observations: [
      inTime("the caller is answered with the token that the engine signed, once the stack is up", open),
      inTime("the callee is closed, counted from the deletion", closed),
      all("it stays closed while `refresh` reads the cluster", meanwhile, (answer) => !isAnswered(answer)),
      just("`refresh` finds that, and nothing else", `create ${titleOf(policy)}`, seen),
      just("`up` puts that back, and nothing else", `create ${titleOf(policy)}`, done),
      inTime("the caller is answered again, counted from when `up` began", back),
      all("and goes on to be", afterwards, isAnswered),
    ],
  };
}

async function widening(world: World, engine: Engine, call: Call): Promise<FaultReport> {
  const { stage, note } = world;
  note("drift: a callee's NetworkPolicy is opened to everybody");
  const policy = policyOf(world, call, "NetworkPolicy");
  const traffic = new Traffic(
    world,
    connection(world, `${OUTSIDE_MESH}/stranger`, call.callee.id),
    PER_SECOND,
  );
  const closed = await traffic.until(isDropped, WITHIN_MS);
  const wide = { ...policy, spec: { ...(policy.spec as object), ingress: [{}] } };
  const [open] = await Promise.all([traffic.until(isAnswered, WITHIN_MS), stage.api.put(wide)]);
  const seen = await engine.refresh();
  const [back, done] = await Promise.all([traffic.until(isDropped, UP_WITHIN_MS), engine.up()]);
  const afterwards = await sentOnceSettled(traffic, isDropped);
  return {
    fault: `NetworkPolicy of ${call.callee.id} is opened to everybody, and \`up\` runs`,
    observations: [
      inTime("a stranger does not connect to the callee while the policy is as declared", closed),
      inTime("it does once the policy is open: the network is there, and the stranger works", open),
      just("`refresh` finds that, and nothing else", `update ${titleOf(policy)}`, seen),
      just("`up` puts that back, and nothing else", `update ${titleOf(policy)}`, done),
      inTime("the stranger does not connect any more, counted from when `up` began", back),
      all("nor does he afterwards", afterwards, isDropped),
    ],
  };
}

const titleOf = ({ kind, metadata: { namespace, name } }: Manifest): string => `${kind} ${namespace}/${name}`;

/** One answer that fits may be chance, such as one that is late: what is sent after the first since the engine has ended. Ends the traffic. */
async function sentOnceSettled(traffic: Traffic, fits: (answer: Answer) => boolean): Promise<Sent[]> {
  await traffic.until(fits, WITHIN_MS);
  const from = traffic.now();
  await sleep(AFTERWARDS_MS);
  return (await traffic.stop()).filter(({ at }) => at > from);
}

/** Nothing sent is no proof. */
function all(what: string, sent: readonly Sent[], holds: (answer: Answer) => boolean): Observation {
  const others = sent.filter(({ answer }) => !holds(answer));
  return {
    what,
    held: sent.length > 0 && others.length === 0,
    seen: `${sent.length} requests, ${others.length === 0 ? "all of them so" : `${others.length} not so, such as: ${others[0]?.answer.seen}`}`,
  };
}

function just(what: string, expected: string, done: readonly string[]): Observation {
  return {
    what,
    held: done.length === 1 && done[0] === expected,
    seen: done.join(", ") || "nothing",
  };
}
