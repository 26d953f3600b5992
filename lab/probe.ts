/** How a question is put to the real parts, and whether what came back means that it got through. */
import { kagent, TOKEN_HEADER } from "../topology/index";
import type { Attempt, Result } from "./pod/application";
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
  /** What was seen, in a few words. */
  readonly seen: string;
  /** Time to an answer, in milliseconds; undefined where there was none. */
  readonly ms?: number;
}

/** @throws when somebody answered whom nobody asked */
export function judge(question: Question, result: Result): Answer {
  switch (result.kind) {
    case "connected":
      return { passed: true, seen: "connected", ms: result.ms };
    case "answered":
      return judgeAnswer(question, result.by, result.ms);
    case "refused":
      return { passed: false, seen: `status ${result.status}` };
    case "broken":
      // Nobody listens there, but the way is open: a reset comes from the other end, not from a policy.
      return question.kind === "connection" && result.reason === "ECONNREFUSED"
        ? { passed: true, seen: "connected" }
        : { passed: false, seen: result.reason };
    case "silent":
      return { passed: false, seen: "no answer" };
  }
}

function judgeAnswer(question: Question, by: string, ms: number): Answer {
  const expected =
    question.kind === "call"
      ? question.callee.id
      : question.kind === "egress" && question.tls
        ? question.host
        : question.to.id;
  return by === expected
    ? { passed: true, seen: "answered", ms }
    : { passed: true, seen: `answered by ${by} instead`, ms };
}
