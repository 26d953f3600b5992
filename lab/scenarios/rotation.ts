/**
 * The signing key is rotated under traffic, in the steps of docs/operations.md: a new generation beside the old one, callers
 * with new tokens, the old generation removed. The objects of each step are those of the program.
 */
import { sleep } from "../../system/interrupt";
import { audience, TOKEN_HEADER, type Topology } from "../../topology/index";
import { subjectOf } from "../questions";
import type { RotationReport } from "../report";
import { Tokens } from "../tokens";
import { declaredCall, Traffic } from "./traffic";
import { objectsFor, type World } from "./world";

const PER_SECOND = 40;
/** How long each step is under traffic. */
const STEP_MS = 4_000;
const REFUSED_WITHIN_MS = 15_000;
const NEXT = "lab2";

export async function runRotation(world: World, password: string): Promise<RotationReport> {
  const call = declaredCall(world);
  const { topology, stage, tokens, note } = world;
  const old = topology.rotation.current;
  const inForce = async (rotation: Topology["rotation"]) => {
    const next = { ...topology, rotation };
    const objects = objectsFor(next, new Tokens(next, password));
    await stage.apply(objects.filter(({ kind }) => kind === "RequestAuthentication"));
  };
  const headersOf = (generation: string) => ({
    [TOKEN_HEADER]: tokens.ofDelegation(subjectOf(call.from), audience(call.callee), generation),
  });

  await stage.enforceNetwork(true);
  let held = old;
  const traffic = new Traffic(world, call, PER_SECOND, () => headersOf(held));
  note("rotation: traffic with the old generation");
  await sleep(STEP_MS);
  await inForce({ current: NEXT, previous: old });
  note("rotation: both generations are accepted");
  await sleep(STEP_MS);
  // A caller's pod is replaced once its Agent carries the new token.
  held = NEXT;
  note("rotation: the caller has its new token");
  await sleep(STEP_MS);
  const stolen = new Traffic(world, call, PER_SECOND, () => headersOf(old));
  await inForce({ current: NEXT });
  note("rotation: the old generation is removed");
  const refusedAfterSeconds = await stolen.until(({ passed }) => !passed, REFUSED_WITHIN_MS);
  const refusedAt = stolen.now();
  await sleep(STEP_MS);
  const sent = await traffic.stop();
  const late = (await stolen.stop()).filter(({ at, answer }) => at > refusedAt && answer.passed);
  return {
    requests: sent.length,
    failures: sent.flatMap(({ at, answer }) =>
      answer.passed ? [] : [`after ${Math.round(at)} ms: ${answer.seen}`],
    ),
    perSecond: PER_SECOND,
    ...(refusedAfterSeconds !== undefined && { refusedAfterSeconds }),
    acceptedAgain: late.length,
  };
}
