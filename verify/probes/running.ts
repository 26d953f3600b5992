/** Waits for a pod of ours. */
import { sleep } from "../../system/interrupt";
import type { Cluster } from "../live/cluster";
import type { Doc } from "../static/objects";

const POLL_MS = 500;

export interface Waiting {
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Until its readiness probe passes, and not only until it runs. */
  readonly ready?: boolean;
}

const isReady = (pod: Doc): boolean =>
  (pod.status?.conditions ?? []).some(({ type, status }: Doc) => type === "Ready" && status === "True");

/** @returns the pod as it runs; or in words how it was when the time was up */
export async function running(
  cluster: Cluster,
  pod: Doc,
  { timeoutSeconds, signal, ready = false }: Waiting,
): Promise<Doc | string> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const { body } = await cluster.get(pod);
    const runs = body.status?.phase === "Running" && body.status.podIP !== undefined;
    if (runs && (!ready || isReady(body))) return body;
    if (Date.now() > deadline)
      return `pod ${pod.metadata.name} did not run within ${timeoutSeconds} s (${runs ? "not ready" : body.status?.phase})`;
    await sleep(POLL_MS, signal);
  }
}
