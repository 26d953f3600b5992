/** A2A messages (protocol 0.3, JSON-RPC) as users send them through kagent's controller, and what agents make of them. */
import { randomUUID } from "node:crypto";
import type { AgentRef } from "../../topology/index";
import type { Doc } from "../static/objects";
import type { Http } from "./port-forward";

/** Under this name kagent 0.10 gives an agent to another one as a tool. */
export const toolName = ({ tenant, name }: AgentRef): string =>
  `${tenant}/${name}`.replaceAll("-", "_").replace("/", "__NS__");

const USER_HEADER = "X-User-Id";
const OK = 200;

/** What came of a message. */
export interface Reply {
  /** State of the task, `completed` among them; undefined where no task came back. */
  readonly state: string | undefined;
  /** What the agent told its user; without a task, why there is none. */
  readonly text: string;
  /** The tools that it called, and what each gave back. */
  readonly tools: readonly Used[];
}
export interface Used {
  readonly tool: string;
  readonly text: string;
  /** An agent's runtime says so of a callee whose task ended (kagent-adk 0.10.4). */
  readonly isAnswered: boolean;
}

/** Sends a user's message and waits for the end of the task. */
export async function messageSend(http: Http, to: AgentRef, user: string, text: string): Promise<Reply> {
  const message = { kind: "message", messageId: randomUUID(), role: "user", parts: [{ kind: "text", text }] };
  const body = JSON.stringify({ jsonrpc: "2.0", id: "1", method: "message/send", params: { message } });
  const answer = await http({
    method: "POST",
    path: `/api/a2a/${to.tenant}/${to.name}/`,
    headers: {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      [USER_HEADER]: user,
    },
    body,
  });
  if (answer.status !== OK) return none(`HTTP ${answer.status}: ${firstLine(answer.body)}`);
  const { result, error } = parsed(answer.body);
  if (result === undefined) return none(firstLine(String(error?.message ?? "an answer without a result")));
  return replyOf(result);
}

const none = (text: string): Reply => ({ state: undefined, text, tools: [] });
const firstLine = (text: string): string => (text.trim().split("\n")[0] ?? "").slice(0, 200);

function parsed(text: string): Doc {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return { error: { message: "an answer that is no JSON" } };
  }
}

function replyOf({ status, artifacts = [], history = [] }: Doc): Reply {
  const parts: Doc[] = history.flatMap(({ parts = [] }: Doc) => parts);
  const tools = parts
    .filter(({ kind, metadata }) => kind === "data" && metadata?.kagent_type === "function_response")
    .map(({ data }): Used => {
      const { response = {} } = data;
      return {
        tool: String(data.name),
        text: textOfResult(response.result ?? response),
        isAnswered: response.subagent_session_id !== undefined,
      };
    });
  const said: Doc[] = artifacts.flatMap(({ parts = [] }: Doc) => parts);
  const told = said.length > 0 ? said : (status?.message?.parts ?? []);
  return {
    state: status?.state,
    text: told.flatMap(({ text }: Doc) => text ?? []).join("\n"),
    tools,
  };
}

const textOfResult = (result: unknown): string =>
  typeof result === "string" ? result : JSON.stringify(result);

/** Deletes every session of a user of ours, those of callees too. @returns how many there were */
export async function forgetUser(http: Http, user: string): Promise<number> {
  const headers = { [USER_HEADER]: user };
  const { status, body } = await http({ method: "GET", path: "/api/sessions", headers });
  const sessions: Doc[] = status === OK ? (parsed(body).data ?? []) : [];
  for (const { id } of sessions)
    await http({ method: "DELETE", path: `/api/sessions/${encodeURIComponent(id)}`, headers });
  return sessions.length;
}
