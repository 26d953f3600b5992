/**
 * Real agents on loopback: kagent-adk for a caller and a callee, and in the controller's place its sessions API and its A2A
 * gateway, which hands messages on. No mesh is between them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuntimePackages } from "../../lab/parts/kagent-adk";
import { ControllerApi } from "../../lab/pod/controller";
import { freePort } from "../../sandbox/control-plane/ports";
import type { Delegation } from "../../topology/index";
import { toolName } from "../../verify/probes/a2a";
import { eventually } from "./sandbox";

export interface Deleted {
  readonly user: string;
  readonly session: string;
}

export class KagentRuntimes {
  private readonly children: ChildProcess[] = [];
  private readonly sessions = new Map<string, Set<string>>();
  readonly deleted: Deleted[] = [];

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    private readonly agents: ReadonlyMap<string, number>,
  ) {}

  static async start(
    { python, packages }: RuntimePackages,
    { caller, callee }: Delegation,
    modelUrl: string,
  ): Promise<KagentRuntimes> {
    const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-runtimes-"));
    const ports = [await freePort(), await freePort()] as const;
    const agents = new Map([
      [caller.id, ports[0]],
      [callee.id, ports[1]],
    ]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const runtimes = new KagentRuntimes(server, folder, agents);
    runtimes.serve();
    const remote = {
      name: toolName(callee),
      url: `http://127.0.0.1:${ports[1]}`,
      description: "The callee.",
    };
    for (const { agent, port, remotes } of [
      { agent: callee, port: ports[1], remotes: [] },
      { agent: caller, port: ports[0], remotes: [remote] },
    ]) {
      const own = join(folder, agent.name);
      mkdirSync(own);
      const url = `http://127.0.0.1:${port}`;
      const config = {
        model: { type: "openai", model: "stub", base_url: `${modelUrl}/v1` },
        description: "An agent.",
        instruction: agent.settings.systemMessage,
        remote_agents: remotes,
        stream: false,
      };
      const card = {
        name: agent.name,
        description: "An agent.",
        version: "",
        url,
        protocolVersion: "0.3",
        preferredTransport: "JSONRPC",
        capabilities: { streaming: true },
        defaultInputModes: ["text"],
        defaultOutputModes: ["text"],
        skills: [],
      };
      writeFileSync(join(own, "config.json"), JSON.stringify(config));
      writeFileSync(join(own, "agent-card.json"), JSON.stringify(card));
      const args = ["static", "--host=127.0.0.1", `--port=${port}`, `--filepath=${own}`];
      runtimes.children.push(
        spawn(python, ["-m", "kagent.adk.cli", ...args], {
          cwd: own,
          stdio: "ignore",
          env: {
            PATH: process.env.PATH,
            HOME: own,
            PYTHONPATH: packages,
            PYTHONNOUSERSITE: "1",
            PYTHONDONTWRITEBYTECODE: "1",
            OPENAI_API_KEY: "any",
            KAGENT_NAMESPACE: agent.tenant,
            KAGENT_NAME: agent.name,
            KAGENT_URL: runtimes.url,
          },
        }),
      );
    }
    try {
      for (const port of ports)
        await eventually(() => fetch(`http://127.0.0.1:${port}/.well-known/agent-card.json`), 90_000);
      return runtimes;
    } catch (error) {
      await runtimes.stop();
      throw error;
    }
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The callee's process ends; its port refuses connections. */
  endCallee(): void {
    this.children[0]?.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    for (const child of this.children) child.kill("SIGKILL");
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private serve(): void {
    const api = new ControllerApi([...this.agents.keys()]);
    this.server.on("request", async (request: IncomingMessage, response) => {
      const { method = "", url = "", headers } = request;
      const body = await textOf(request);
      const [, namespace, name] = /^\/api\/a2a\/([^/]+)\/([^/]+)\/$/.exec(url) ?? [];
      const user = String(headers["x-user-id"] ?? new URL(url, "http://x").searchParams.get("user_id"));
      const reply = (status: number, answer: unknown) =>
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      if (namespace !== undefined) {
        const port = this.agents.get(`${namespace}/${name}`);
        if (port === undefined) return reply(404, { error: `Agent ${namespace}/${name} not found` });
        const answer = await fetch(`http://127.0.0.1:${port}/`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-user-id": user },
          body,
        });
        return response.writeHead(answer.status).end(await answer.text());
      }
      if (method === "GET" && url === "/api/sessions")
        return reply(200, { error: false, data: [...(this.sessions.get(user) ?? [])].map((id) => ({ id })) });
      if (method === "DELETE") {
        const session = url.split("/").at(-1) ?? "";
        this.deleted.push({ user, session });
        this.sessions.get(user)?.delete(session);
        return reply(200, { error: false });
      }
      const { status, body: answer } = api.answer({ method, path: url, headers, body });
      const created = (answer as { data?: { id?: string; user_id?: string } } | undefined)?.data;
      if (method === "POST" && url.split("?")[0] === "/api/sessions" && created?.id && created.user_id)
        this.sessions.set(created.user_id, (this.sessions.get(created.user_id) ?? new Set()).add(created.id));
      return reply(status, answer);
    });
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return text;
}
