/** Waiting for an object to become what it should, or to disappear. */
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { NotReadyError } from "../rpc/plugin";
import type { JsonObject } from "../rpc/values";
import type { Cluster } from "./cluster";
import {
  annotation,
  apiVersionOf,
  at,
  describe,
  idOf,
  isDefinition,
  kindOf,
  type Manifest,
  nameOf,
  namespaceOf,
  text,
} from "./manifest";
import { type Expectation, parseWaitFor } from "./wait-for";

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1000;
/** Waiting longer than this is said. */
const SILENT_MS = 2000;
/** The official provider waits ten minutes; on a control plane of one's own what takes longer never happens. */
const DEFAULT_TIMEOUT_S = 300;

export interface WaitOptions {
  timeoutSeconds: number;
  signal: AbortSignal;
  /** Shown while waiting; the empty text clears it. */
  progress(message: string): void;
}

export class TimeoutError extends Error {}

/** How long to wait: the resource option first, then the annotation. */
export function timeoutFor(inputs: Manifest, optionSeconds: number): number {
  return optionSeconds || Number(annotation(inputs, "timeoutSeconds")) || DEFAULT_TIMEOUT_S;
}

/**
 * The live object once it fulfils `pulumi.com/waitFor`. Without the annotation only that is waited for what a control
 * plane itself does, to a definition or a quota: in the sandbox no controller would ever make a Deployment ready.
 */
async function untilReady(
  cluster: Cluster,
  live: Manifest,
  inputs: Manifest,
  options: WaitOptions,
): Promise<Manifest> {
  const expectations = expectationsOf(inputs);
  if (expectations.length === 0) return live;
  let current = live;
  let looks = 0;
  await poll(options, async () => {
    if (looks++ > 0) current = (await cluster.get(live, nameOf(live), options.signal)) ?? current;
    const missing = expectations.flatMap(({ text: wanted, missing }) => {
      const instead = missing(current);
      return instead === undefined ? [] : [`${wanted}: ${instead}`];
    });
    return missing.length === 0 ? undefined : `waiting for ${missing.join(", ")}`;
  });
  return current;
}

/** The state to keep. An object that does not get ready is on the cluster all the same: the engine must know it. */
export async function readyOrKept(
  cluster: Cluster,
  live: Manifest,
  inputs: Manifest,
  options: WaitOptions,
  keep: (object: Manifest) => JsonObject,
): Promise<JsonObject> {
  try {
    return keep(await untilReady(cluster, live, inputs, options));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NotReadyError(
      `${describe(live)} is on the cluster, but not ready: ${why}`,
      idOf(live),
      keep(live),
    );
  }
}

function expectationsOf(inputs: Manifest): Expectation[] {
  if (annotation(inputs, "skipAwait") === "true") return [];
  const wanted = annotation(inputs, "waitFor");
  if (wanted !== "") return parseWaitFor(wanted);
  if (isDefinition(inputs)) return parseWaitFor("condition=Established");
  return apiVersionOf(inputs) === "v1" && kindOf(inputs) === "ResourceQuota" ? [COUNTED] : [];
}

/** Until then the API server refuses everything that the quota counts: "status unknown for quota". */
const COUNTED: Expectation = {
  text: "the quota to be counted",
  missing(quota) {
    const isCounted = isDeepStrictEqual(at(quota, "spec", "hard"), at(quota, "status", "hard"));
    return isCounted ? undefined : "its status does not say so yet";
  },
};

/** Kinds whose deletion a program may leave to the cluster. Source: metadata/overrides.go (allowsSkipAwaitWithDelete). */
const MAY_SKIP = new Set([
  "DaemonSet",
  "Deployment",
  "Job",
  "Namespace",
  "Pod",
  "ReplicationController",
  "StatefulSet",
]);

export function waitsForDeletion(inputs: Manifest): boolean {
  return annotation(inputs, "skipAwait") !== "true" || !MAY_SKIP.has(kindOf(inputs));
}

export async function untilGone(
  cluster: Cluster,
  object: Manifest,
  name: string,
  options: WaitOptions,
): Promise<void> {
  const uid = text(object, "metadata", "uid");
  await poll(options, async () => {
    const live = await cluster.get(object, name, options.signal);
    // Another object of that name is somebody else's: ours is gone.
    if (live === undefined || (uid !== "" && text(live, "metadata", "uid") !== uid)) return undefined;
    return `waiting for ${describe(live)} to be gone${holders(live)}`;
  });
}

/** What holds a deleted object: its finalizers, and for a namespace what is left in it. */
function holders(live: Manifest): string {
  const finalizers = at(live, "metadata", "finalizers");
  const conditions = at(live, "status", "conditions");
  const left = (Array.isArray(conditions) ? conditions : [])
    .filter((entry) => at(entry, "status") === "True")
    .map((entry) => text(entry, "message"));
  const parts = [
    ...(Array.isArray(finalizers) && finalizers.length > 0 ? [`finalizers: ${finalizers.join(", ")}`] : []),
    ...(namespaceOf(live) === "" ? left : []),
  ];
  return parts.length > 0 ? ` (${parts.join("; ")})` : "";
}

/**
 * Repeats `step` until it answers undefined; what it answers else says what is waited for. An interruption says so
 * too, whether it meets a pause or a question that is under way.
 */
async function poll(options: WaitOptions, step: () => Promise<string | undefined>): Promise<void> {
  const started = Date.now();
  let pause = FIRST_PAUSE_MS;
  let shown = "";
  let waitingFor: string | undefined = "waiting";
  const orInterrupted = (error: unknown) => {
    throw options.signal.aborted ? new Error(`interrupted while ${waitingFor}`) : error;
  };
  for (;;) {
    waitingFor = await step().catch(orInterrupted);
    if (waitingFor === undefined) break;
    const elapsed = Date.now() - started;
    if (elapsed >= options.timeoutSeconds * 1000) {
      throw new TimeoutError(`${waitingFor}, but not within ${options.timeoutSeconds} s`);
    }
    if (elapsed >= SILENT_MS && waitingFor !== shown) {
      shown = waitingFor;
      options.progress(waitingFor);
    }
    await sleep(pause, undefined, { signal: options.signal }).catch(orInterrupted);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
  if (shown !== "") options.progress("");
}
