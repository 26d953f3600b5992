/**
 * Parts that fail: what must hold meanwhile, and how long it takes until everything is as before. A policy that was deleted is
 * put back as it was by a request to the API server: what `up` does about it is in drift.ts.
 */
import { sleep } from "../../system/interrupt";
import { agentPolicyName } from "../../topology/index";
import { GATEWAY_ID } from "../cast";
import { differences } from "../matrix";
import { DROPPED, FORBIDDEN } from "../outcome";
import type { Answer } from "../probe";
import type { Call, Question } from "../questions";
import type { FaultReport } from "../report";
import { declaredCall, Traffic } from "./traffic";
import { evaluatorsOf, type World } from "./world";

export type Observation = FaultReport["observations"][number];

const PER_SECOND = 20;
export const WITHIN_MS = 30_000;
/** How long a fault lasts. */
const FAULT_MS = 3_000;

export async function runFaults(world: World): Promise<FaultReport[]> {
  const call = declaredCall(world);
  const faults: FaultReport[] = [
    await istiodStops(world, call),
    await authorizationDisappears(world, call),
    await networkPolicyDisappears(world, call),
  ];
  if (world.topology.routing === "gateway") faults.push(await gatewayRestarts(world, call));
  return faults;
}

/** As the mesh refuses, and as a network policy does: not as a connection that was cut. */
export const isDenied = ({ seen }: Answer): boolean => seen === FORBIDDEN;
export const isDropped = ({ seen }: Answer): boolean => seen === DROPPED;
export const isAnswered = ({ passed }: Answer): boolean => passed;

export const inTime = (what: string, seconds: number | undefined): Observation => ({
  what,
  held: seconds !== undefined,
  seen: seconds === undefined ? "not in time" : `after ${seconds.toFixed(1)} s`,
});

/** Proxies keep what they have: what was open stays open, what was closed stays closed, and changes wait. */
async function istiodStops(world: World, call: Call): Promise<FaultReport> {
  const { stage, matrix, note } = world;
  note("fault: istiod stops");
  const prediction = evaluatorsOf(world);
  await stage.istiod.stop();
  const during = differences(await matrix.askTwice("all"), prediction);
  const policy = policyOf(world, call, "AuthorizationPolicy");
  await stage.api.remove(policy);
  const traffic = new Traffic(world, call, PER_SECOND);
  await sleep(FAULT_MS);
  const unaware = traffic.sent.every(({ answer }) => answer.passed);
  await stage.istiod.start();
  const revoked = await traffic.until(isDenied, WITHIN_MS);
  await stage.api.put(policy);
  const restored = await traffic.until(isAnswered, WITHIN_MS);
  await traffic.stop();
  return {
    fault: "istiod stops, and starts again",
    observations: [
      {
        what: "every answer stays as it was while istiod is gone",
        held: during.length === 0,
        seen:
          during[0] === undefined
            ? "all of them"
            : `${during.length} differ, such as: ${during[0].question}: ${during[0].seen}`,
      },
      {
        what: "a policy deleted meanwhile is still in force until istiod is back",
        held: unaware,
        seen: unaware ? "it is" : "it is not",
      },
      inTime("the deletion is in force once istiod is back", revoked),
      inTime("the policy is in force again once it is put back", restored),
    ],
  };
}

async function gatewayRestarts(world: World, call: Call): Promise<FaultReport> {
  const { stage, note } = world;
  note("fault: the gateway restarts");
  const gateway = stage.sidecars.get(GATEWAY_ID);
  const traffic = new Traffic(world, call, PER_SECOND);
  await gateway?.stop();
  const stopped = await traffic.until(({ passed }) => !passed, WITHIN_MS);
  const leaks = await passing(world, ({ way }) => way === "gateway");
  gateway?.launch();
  const back = await traffic.until(isAnswered, WITHIN_MS);
  await traffic.stop();
  return {
    fault: "the gateway restarts",
    observations: [
      inTime("calls fail while it is gone", stopped),
      {
        what: "nobody gets through meanwhile, on whatever way the gateway had",
        held: leaks === 0,
        seen: leaks === 0 ? "nobody does" : `${leaks} do`,
      },
      inTime("calls are answered once it is launched", back),
    ],
  };
}

/** How many calls get through. */
async function passing({ matrix }: World, which: (call: Call) => boolean): Promise<number> {
  const cells = await matrix.askTwice("all", (question) => question.kind === "call" && which(question));
  return cells.filter(({ answer }) => answer.passed).length;
}

async function toNobody(world: World, { callee }: Call): Promise<Observation> {
  const open = await passing(world, (call) => call.callee === callee);
  return {
    what: "to everybody, with every token",
    held: open === 0,
    seen: open === 0 ? "to everybody" : `open to ${open} calls`,
  };
}

/** The ALLOW policy of one callee is gone: what its namespace allows by default, nothing, keeps it closed. */
async function authorizationDisappears(world: World, call: Call): Promise<FaultReport> {
  const { stage, note } = world;
  note("fault: a callee's AuthorizationPolicy is deleted");
  const policy = policyOf(world, call, "AuthorizationPolicy");
  await stage.enforceNetwork(true);
  const traffic = new Traffic(world, call, PER_SECOND);
  await traffic.until(isAnswered, WITHIN_MS);
  const [closed] = await Promise.all([traffic.until(isDenied, WITHIN_MS), stage.api.remove(policy)]);
  const nobody = await toNobody(world, call);
  const [back] = await Promise.all([traffic.until(isAnswered, WITHIN_MS), stage.api.put(policy)]);
  await traffic.stop();
  return {
    fault: `AuthorizationPolicy of ${call.callee.id} is deleted, and put back`,
    observations: [
      inTime("the callee is closed, counted from the deletion", closed),
      nobody,
      inTime("it is open again, counted from when the policy is put back", back),
    ],
  };
}

/**
 * The NetworkPolicy of one callee is gone: what its namespace denies by default keeps it closed. A network policy decides when a
 * connection begins, so it is connections that are made meanwhile; those that were made before go on.
 */
async function networkPolicyDisappears(world: World, call: Call): Promise<FaultReport> {
  const { stage, note } = world;
  note("fault: a callee's NetworkPolicy is deleted");
  const policy = policyOf(world, call, "NetworkPolicy");
  await stage.enforceNetwork(true);
  // Not at the same time: a pod either connects past its sidecar, or asks through it.
  const isOpen = await during(world, call, (traffic) => traffic.until(isAnswered, WITHIN_MS));
  const closed = await during(world, lastHop(world, call), async (connections) => {
    await connections.until(isAnswered, WITHIN_MS);
    const [found] = await Promise.all([connections.until(isDropped, WITHIN_MS), stage.api.remove(policy)]);
    return found;
  });
  const goesOn = await during(world, call, (traffic) => traffic.until(isAnswered, WITHIN_MS));
  await stage.dropConnections();
  const ended = await during(world, call, (traffic) => traffic.until(isDropped, WITHIN_MS));
  const nobody = await toNobody(world, call);
  const back = await during(world, call, async (traffic) => {
    const [found] = await Promise.all([traffic.until(isAnswered, WITHIN_MS), stage.api.put(policy)]);
    return found;
  });
  return {
    fault: `NetworkPolicy of ${call.callee.id} is deleted, and put back`,
    observations: [
      inTime("nobody connects to the callee any more, counted from the deletion", closed),
      {
        what: "requests over a connection that was open before go on until it ends",
        held: isOpen !== undefined,
        seen: goesOn === undefined ? "they do not" : "they do",
      },
      inTime("the callee is closed once such connections are ended", ended),
      nobody,
      inTime("it is open again, counted from when the policy is put back", back),
    ],
  };
}

async function during<T>(
  world: World,
  question: Question,
  work: (traffic: Traffic) => Promise<T>,
): Promise<T> {
  const traffic = new Traffic(world, question, PER_SECOND);
  try {
    return await work(traffic);
  } finally {
    await traffic.stop();
  }
}

/** How a call's last hop connects: from the gateway, or from the caller itself. */
const lastHop = (world: World, { from, callee, way }: Call): Question =>
  connection(world, way === "gateway" ? GATEWAY_ID : from.id, callee.id);

/** @param caller and callee by id */
export function connection({ questions }: World, caller: string, callee: string): Question {
  const found = questions.find(
    ({ kind, from, to }) => kind === "connection" && from.id === caller && to.id === callee,
  );
  if (found === undefined) throw new Error(`nobody asks whether ${caller} connects to ${callee}`);
  return found;
}

/** The policy of one callee in a layer. */
export function policyOf({ manifests }: World, { callee }: Pick<Call, "callee">, kind: string) {
  const found = manifests.find(
    (manifest) =>
      manifest.kind === kind &&
      manifest.metadata.namespace === callee.tenant &&
      manifest.metadata.name === agentPolicyName(callee.name),
  );
  if (found === undefined) throw new Error(`${callee.id} has no ${kind}`);
  return found;
}
