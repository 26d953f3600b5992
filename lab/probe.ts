/** How a question is put to the real parts, and what came of it. */
import { kagent, TOKEN_HEADER } from "../topology/index";
import { answeredBy, CONNECTED, CUT, DROPPED, type Outcome, passes, status } from "./outcome";
import { type Attempt, NOT_TLS, type Result } from "./pod/application";
import { type Call, type Question, subjectOf } from "./questions";
import type { Tokens } from "./tokens";

/** Addresses that stand for an actor: of its pod, and of the Service in front of it. */
export interface Addresses {
  readonly pod: (id: string) => string;
  readonly front: (id: string) => string;
}

export function attemptOf(
  question: Question,
  tokens: Tokens,
  addresses: Addresses,
  withinMs: number,
): Attempt {
  const { from, to, port } = question;
  // There is no kube-proxy: an address of a Service means something to a sidecar only.
  const address = from.mesh === "sidecar" ? addresses.front(to.id) : addresses.pod(to.id);
  switch (question.kind) {
    case "connection":
      return { kind: "tcp", address: addresses.pod(to.id), port, withinMs };
    case "call":
      return { kind: "http", address, port, headers: headersOf(question, tokens), withinMs };
    case "api":
      return {
        kind: "http",
        address,
        port,
        path: question.path,
        headers: { host: `${to.service?.name}.${to.namespace}:${port}` },
        withinMs,
      };
    case "egress":
      return question.tls
        ? { kind: "tls", address, port, serverName: question.host, withinMs }
        : { kind: "http", address, port, headers: { host: question.host }, withinMs };
  }
}

/** As the Python runtime sends it (measured, kagent-adk 0.10.4): the callee in Host, and in the header that the gateway routes on. */
function headersOf({ callee, token, from, host }: Call, tokens: Tokens): Record<string, string> {
  const shown = tokens.shown(token, subjectOf(from), callee);
  return {
    host: `${host}:${kagent.AGENT_PORT}`,
    [kagent.CALLEE_HEADER]: host,
    ...(shown && { [TOKEN_HEADER]: shown.value }),
  };
}

export interface Answer {
  readonly passed: boolean;
  readonly seen: Outcome;
  /** Time to an answer, in milliseconds; undefined where there was none. */
  readonly ms?: number;
}

export function judge(question: Question, result: Result): Answer {
  const seen = outcomeOf(question, result);
  return { passed: passes(seen), seen, ...("ms" in result && { ms: result.ms }) };
}

function outcomeOf({ kind }: Question, result: Result): Outcome {
  switch (result.kind) {
    case "connected":
      return CONNECTED;
    case "answered":
      return answeredBy(result.by);
    case "refused":
      // To what it does not know a sidecar lets nobody connect; where it takes the port for HTTP, it says so in HTTP.
      return kind === "egress" && result.status === 502 ? CUT : status(result.status);
    case "broken":
      // Nobody listens there, but the way is open: the other end says so, not a policy.
      if (kind === "connection" && result.reason === "ECONNREFUSED") return CONNECTED;
      return result.reason === "ECONNRESET" || result.reason === NOT_TLS ? CUT : result.reason;
    case "silent":
      return DROPPED;
  }
}
