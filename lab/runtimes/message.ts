/** A2A messages (protocol 0.3, JSON-RPC `message/send`), as the controller hands them to an agent, and what comes back. */
import { randomUUID } from "node:crypto";

export function messageSend(text: string): string {
  const message = { kind: "message", messageId: randomUUID(), role: "user", parts: [{ kind: "text", text }] };
  return JSON.stringify({ jsonrpc: "2.0", id: "1", method: "message/send", params: { message } });
}

/** What an agent made of a message. */
export interface Outcome {
  /** State of the task, such as `completed`; undefined where none came back. */
  readonly state?: string;
  /** The agent's answer; where there is none, why. */
  readonly text: string;
}

interface Part {
  readonly kind: string;
  readonly text?: string;
}
interface Response {
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly status?: { readonly state: string; readonly message?: { readonly parts: readonly Part[] } };
    readonly artifacts?: readonly { readonly parts: readonly Part[] }[];
  };
}

/** @param body of the answer, or why there was none */
export function outcomeOf(status: number | undefined, body: string): Outcome {
  if (status === undefined) return { text: body };
  if (status !== 200) return { text: `status ${status}: ${body}` };
  const { error, result } = JSON.parse(body) as Response;
  if (result === undefined) return { text: error?.message ?? "an answer without a result" };
  const parts = (result.artifacts ?? []).flatMap((artifact) => artifact.parts);
  const said = parts.length > 0 ? parts : (result.status?.message?.parts ?? []);
  return {
    ...(result.status !== undefined && { state: result.status.state }),
    text: said.flatMap(({ text }) => text ?? []).join("\n"),
  };
}
