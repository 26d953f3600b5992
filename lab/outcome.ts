/**
 * What becomes of an attempt, in words that predictions and the real parts share: who answered, or the manner in which it was
 * turned away. A refusal of another manner than the predicted one is no refusal by the layer that was asked.
 */

/** `connected`, `answered by <id>`, or how it ended: one of those below, `status <code>`, or what the kernel said. */
export type Outcome = string;

export const CONNECTED: Outcome = "connected";
export const answeredBy = (id: string): Outcome => `answered by ${id}`;
/** A network policy drops packets. Nobody hears of it. */
export const DROPPED: Outcome = "no answer";
export const NOBODY_LISTENS: Outcome = "ECONNREFUSED";
/** A sidecar ends a connection without mutual TLS, and one to what it does not know. */
export const CUT: Outcome = "cut off";
export const status = (code: number): Outcome => `status ${code}`;
/** A token that is no token of this mesh; one for somebody else, or a request that no rule allows (Envoy 1.40). */
export const UNAUTHORIZED = status(401);
export const FORBIDDEN = status(403);

export const passes = (outcome: Outcome): boolean =>
  outcome === CONNECTED || outcome.startsWith("answered by ");
