/** Parts that fail: what must hold meanwhile, and how long it takes until everything is as before. */
import { sleep } from "../../system/interrupt";
import { agentPolicyName } from "../../topology/index";
import { GATEWAY_ID } from "../cast";
import { differences } from "../matrix";
import type { Answer } from "../probe";
import type { Call, Question } from "../questions";
import type { FaultReport } from "../report";
import { declaredCall, Traffic } from "./traffic";
import { evaluatorsOf, type World } from "./world";

type Observation = FaultReport["observations"][number];

const PER_SECOND = 20;
const WITHIN_MS = 30_000;
/** How long a fault lasts. */
const FAULT_MS = 3_000;

export async function runFaults(world: World): Promise<FaultReport[]> {
  const call = declaredCall(world);
  if (call === undefined) return [];
  const faults: FaultReport[] = [
    await istiodStops(world, call),
    await policyDisappears(world, call, "AuthorizationPolicy"),
    await policyDisappears(world, call, "NetworkPolicy"),
  ];
  if (world.topology.routing === "gateway") faults.push(await gatewayRestarts(world, call));
  return faults;
}

/** As the mesh refuses, and as a network policy does: not as a connection that was cut. */
const isDenied = ({ seen }: Answer): boolean => seen === "status 403";
const isDropped = ({ seen }: Answer): boolean => seen === "no answer";

const inTime = (what: string, seconds: number | undefined): Observation => ({
  what,
  held: seconds !== undefined,
  seen: seconds === undefined ? `not within ${WITHIN_MS / 1_000} s` : `after ${seconds.toFixed(1)} s`,
});

/** Proxies keep what they have: what was open stays open, what was closed stays closed, and changes wait. */
async function istiodStops(world: World, call: Call): Promise<FaultReport> {
  const { stage, matrix, note } = world;
  note("fault: istiod stops");
  const prediction = evaluatorsOf(world);
  await stage.istiod.stop();
  const during = differences(await matrix.ask("all"), prediction);
  const policy = policyOf(world, call, "AuthorizationPolicy");
  await stage.api.remove(policy);
  const traffic = new Traffic(world, call, PER_SECOND);
  await sleep(FAULT_MS);
  const unaware = traffic.sent.every(({ answer }) => answer.passed);
  await stage.istiod.start();
  const revoked = await traffic.until(isDenied, WITHIN_MS);
  await stage.api.put(policy);
  const restored = await traffic.until(({ passed }) => passed, WITHIN_MS);
  await traffic.stop();
  return {
    fault: "istiod stops, and starts again",
    observations: [
      {
        what: "every answer stays as it was while istiod is gone",
        held: during.length === 0,
        seen: during.length === 0 ? "all of them" : `${during.length} differ`,
      },
      {
        what: "a policy deleted meanwhile is still in force until istiod is back",
        held: unaware,
        seen: unaware ? "it is" : "it is not",
      },
      inTime("the deletion is in force once istiod is back", revoked),
      inTime("the policy is in force again once it is restored", restored),
    ],
  };
}

async function gatewayRestarts(world: World, call: Call): Promise<FaultReport> {
  const { stage, matrix, note } = world;
  note("fault: the gateway restarts");
  const gateway = stage.sidecars.get(GATEWAY_ID);
  const traffic = new Traffic(world, call, PER_SECOND);
  await gateway?.stop();
  const stopped = await traffic.until(({ passed }) => !passed, WITHIN_MS);
  const closed = await matrix.ask(
    "all",
    (question) => question.kind === "call" && question.way === "gateway",
  );
  const leaks = closed.filter(({ answer }) => answer.passed);
  gateway?.launch();
  const back = await traffic.until(({ passed }) => passed, WITHIN_MS);
  await traffic.stop();
  return {
    fault: "the gateway restarts",
    observations: [
      inTime("calls fail while it is gone", stopped),
      {
        what: "nobody gets through meanwhile, on whatever way the gateway had",
        held: leaks.length === 0,
        seen: leaks.length === 0 ? "nobody does" : `${leaks.length} do`,
      },
      inTime("calls are answered once it is launched", back),
    ],
  };
}

/** A policy of one callee is gone: what the namespace denies by default keeps it closed, and another `up` opens it again. */
async function policyDisappears(
  world: World,
  call: Call,
  kind: "AuthorizationPolicy" | "NetworkPolicy",
): Promise<FaultReport> {
  const { stage, matrix, note } = world;
  note(`fault: a callee's ${kind} is deleted`);
  const policy = policyOf(world, call, kind);
  await stage.enforceNetwork(true);
  await stage.dropConnections();
  const traffic = new Traffic(world, call, PER_SECOND);
  await sleep(500);
  await stage.api.remove(policy);
  if (kind === "NetworkPolicy") {
    await untilDropped(world, call);
    // What is connected stays connected: a network policy decides when a connection begins.
    await stage.dropConnections();
  }
  const closed = await traffic.until(kind === "NetworkPolicy" ? isDropped : isDenied, WITHIN_MS);
  const open = (await matrix.ask("all", (question) => question.kind === "call")).filter(
    ({ answer, question }) => answer.passed && question.kind === "call" && question.callee === call.callee,
  );
  await stage.api.put(policy);
  const back = await traffic.until(({ passed }) => passed, WITHIN_MS);
  await traffic.stop();
  return {
    fault: `${kind} of ${call.callee.id} is deleted, and restored`,
    observations: [
      inTime("the callee is closed", closed),
      {
        what: "to everybody, with every token",
        held: open.length === 0,
        seen: open.length === 0 ? "to everybody" : `open to ${open.length} calls`,
      },
      inTime("it is open again once the policy is restored", back),
    ],
  };
}

/** Until the network policies no longer let anybody connect to the callee. */
async function untilDropped({ matrix }: World, { callee }: Call): Promise<void> {
  const toCallee = (question: Question) => question.kind === "connection" && question.to.id === callee.id;
  const deadline = Date.now() + WITHIN_MS;
  while (Date.now() < deadline)
    if ((await matrix.ask("network", toCallee)).every(({ answer }) => !answer.passed)) return;
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
