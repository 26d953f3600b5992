/**
 * What stands at the kagent controller's place while agents run in the lab: the part of its HTTP API that the Python runtime
 * uses, in memory, with the status codes and bodies of kagent 0.10 (go/core/internal/httpserver/handlers; authentication as
 * `unsecure`, the default). And, on order, the A2A messages that the controller sends to agents for its users. A plain
 * Node.js script without dependencies.
 */
import * as http from "node:http";

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
export interface Answered {
  readonly status: number;
  /** Undefined: none. */
  readonly body?: unknown;
}

interface Session {
  readonly id: string;
  readonly user_id: string;
  readonly agent_id: string;
  readonly name?: string;
  readonly source?: string;
  readonly created_at: string;
  readonly updated_at: string;
}
interface Stored {
  readonly session: Session;
  readonly events: { readonly id: string; readonly data: string }[];
}
interface Task {
  readonly id: string;
}

/** What `unsecure` takes for the user when a request names none. */
const NOBODY = "admin@kagent.dev";
/** As the controller turns `<namespace>/<name>` into a Python identifier. */
const identifier = (reference: string): string => reference.replaceAll("-", "_").replace("/", "__NS__");

const ok = (status: number, data: unknown, message: string): Answered => ({
  status,
  body: { error: false, data, message },
});
const problem = (status: number, error: string): Answered => ({ status, body: { error } });

/** Sessions and tasks of agents. Memories are kept by agents that are configured for them only: none is in the lab. */
export class ControllerApi {
  private readonly sessions = new Map<string, Stored>();
  private readonly tasks = new Map<string, { readonly task: Task; readonly user: string }>();
  private readonly agents: ReadonlySet<string>;
  private generated = 0;

  /** @param agents those that the controller knows, as `<namespace>/<name>` */
  constructor(
    agents: readonly string[],
    private readonly now: () => Date = () => new Date(),
  ) {
    this.agents = new Set(agents.map(identifier));
  }

  answer(asked: Asked): Answered {
    const url = new URL(asked.path, "http://controller");
    const user = url.searchParams.get("user_id") || one(asked.headers["x-user-id"]) || NOBODY;
    const [, api, kind, id, part, ...rest] = url.pathname.split("/");
    if (api !== "api" || rest.length > 0) return problem(404, "404 page not found");
    const body = parse(asked.body);
    const call = [asked.method, kind, id === undefined ? "" : "id", part ?? ""].join(" ").trimEnd();
    switch (call) {
      case "POST sessions":
        return this.createSession(user, body);
      case "GET sessions id":
        return this.getSession(user, id ?? "");
      case "POST sessions id events":
        return this.addEvent(user, id ?? "", one(asked.headers["x-agent-name"]) ?? "", body);
      case "POST tasks":
        return this.storeTask(user, body);
      case "GET tasks id":
        return this.getTask(user, id ?? "");
      default:
        return problem(404, "404 page not found");
    }
  }

  private createSession(user: string, body: Body): Answered {
    if (body === undefined) return problem(400, "Invalid request body");
    const { agent_ref: agent, id, name, source } = body as Record<string, string | undefined>;
    if (agent === undefined) return problem(400, "agent_ref is required");
    if (!this.agents.has(identifier(agent)))
      return problem(400, `Agent ref is invalid, please check the agent ref ${agent}`);
    const at = this.now().toISOString();
    const session: Session = {
      id: id || `lab-${++this.generated}`,
      user_id: user,
      agent_id: identifier(agent),
      ...(name !== undefined && { name }),
      ...(source !== undefined && { source }),
      created_at: at,
      updated_at: at,
    };
    const events = this.sessions.get(keyOf(user, session.id))?.events ?? [];
    this.sessions.set(keyOf(user, session.id), { session, events });
    return ok(201, session, "Successfully created session");
  }

  /** Always all events, the oldest first: the runtime asks for nothing else (`order=asc`, `limit=-1`). */
  private getSession(user: string, id: string): Answered {
    const stored = this.sessions.get(keyOf(user, id));
    return stored === undefined
      ? problem(404, "Session not found")
      : ok(200, stored, "Successfully retrieved session");
  }

  private addEvent(user: string, id: string, agent: string, body: Body): Answered {
    if (body === undefined) return problem(400, "Invalid request body");
    const stored = this.sessions.get(keyOf(user, id));
    if (stored === undefined) return problem(404, "Session not found");
    if (stored.session.agent_id !== identifier(agent))
      return problem(403, "Session does not belong to this agent");
    const { id: event, data } = body as { id: string; data: string };
    const at = this.now().toISOString();
    const kept = { id: event, session_id: id, user_id: user, created_at: at, updated_at: at, data };
    stored.events.push(kept);
    return ok(201, kept, "Event added to session successfully");
  }

  private storeTask(user: string, body: Body): Answered {
    if (body === undefined) return problem(400, "Invalid request body");
    const task = { ...body, id: (body.id as string | undefined) || `lab-${++this.generated}` };
    const owner = this.tasks.get(task.id)?.user;
    if (owner !== undefined && owner !== user) return problem(409, "Task ID is already in use");
    this.tasks.set(task.id, { task, user });
    return ok(201, task, "Successfully created task");
  }

  private getTask(user: string, id: string): Answered {
    const stored = this.tasks.get(id);
    return stored === undefined || stored.user !== user
      ? problem(404, "Task not found")
      : ok(200, stored.task, "Successfully retrieved task");
  }
}

type Body = Readonly<Record<string, unknown>> | undefined;

function parse(text: string): Body {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const keyOf = (user: string, id: string): string => JSON.stringify([user, id]);
const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** What the script is given. */
export interface Serving {
  readonly port: number;
  readonly agents: readonly string[];
  /** uid and gid of containers: the sidecar intercepts what they do. */
  readonly user: number;
}
/** A request that the script has answered. */
export interface Served {
  readonly asked: Asked;
  readonly status: number;
}

if (require.main === module) serve(JSON.parse(process.argv[2] ?? "") as Serving);

function serve({ port, agents, user }: Serving): void {
  const api = new ControllerApi(agents);
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const asked = { method, path: url, headers, body };
      const answer = api.answer(asked);
      process.send?.({ asked, status: answer.status } satisfies Served);
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    });
  });
  process.on("disconnect", () => process.exit(0));
  server.listen(port, "0.0.0.0", () => {
    process.setgid?.(user);
    process.setuid?.(user);
    process.send?.("ready");
  });
}
