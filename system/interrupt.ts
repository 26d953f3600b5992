import { type EndingSignal, endingSignals, Interrupted } from "./errors";

/**
 * Runs `work` so that Ctrl-C, or a signal that ends the process, aborts `signal` instead of killing us on the
 * spot: `work` undoes what it began, and then this throws `Interrupted`. Calls may nest.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: EndingSignal) => controller.abort(new Interrupted(name));
  const onOuter = () => controller.abort(outer?.reason);
  if (outer?.aborted) onOuter();
  outer?.addEventListener("abort", onOuter);
  for (const name of endingSignals) process.on(name, onSignal);
  try {
    controller.signal.throwIfAborted();
    const result = await work(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    // Whatever failed because of the interruption is noise: the interruption is the reason.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const name of endingSignals) process.off(name, onSignal);
    outer?.removeEventListener("abort", onOuter);
  }
}

/** Resolves after `ms`, or rejects with the reason as soon as `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
