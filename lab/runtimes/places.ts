/** Places of the lab in which, for the time of a scenario, something stands that agents can work with. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Agent,
  GATEWAY_URL,
  kagent,
  type Model,
  serviceAccountName,
  type Topology,
} from "../../topology/index";
import { kagentId } from "../cast";
import { modelId } from "../outside";
import type { Served, Serving as ServingController } from "../pod/controller";
import type { Asked, Persona, Serving as ServingModel } from "../pod/model";
import type { Post, Posted } from "../pod/sender";
import type { World } from "../scenarios/world";
import { dropConnections, Script } from "../stage/player";
import { compileScript } from "../stage/scripts";
import { type Certificate, selfSigned } from "./certificate";
import { type RuntimeFiles, runtimeFiles } from "./derive";
import { messageSend, type Outcome, outcomeOf } from "./message";
import { runtimeObjects } from "./objects";
import { Runtime } from "./process";

const CONTROLLER = kagentId("controller");
const ROOT = 0;
/** A runtime's own patience with a model is longer; nothing in the lab takes that long. */
const ANSWER_WITHIN_MS = 60_000;

/** Who hands the message to an agent: the controller, or somebody in the agent's own pod. */
export type Sender = "controller" | "own pod";

export class Places {
  /** What the model was asked, and what the controller was, in order. */
  readonly asked: Asked[] = [];
  readonly served: Served[] = [];
  private readonly vacated: string[] = [];
  private readonly scripts: { stop(): Promise<void> }[] = [];
  private readonly runtimes = new Map<string, Runtime>();
  private readonly personas = new Map<string, Persona>();
  private readonly files = new Map<string, RuntimeFiles>();
  private readonly folder: string;
  private certificate: Certificate | undefined;
  private sent = 0;

  private constructor(private readonly world: World) {
    this.folder = join(world.stage.folder, "runtimes");
    mkdirSync(this.folder, { recursive: true });
  }

  /** Puts the stand-ins of the controller and of the models in their places. */
  static async take(world: World, agents: readonly Agent[]): Promise<Places> {
    const places = new Places(world);
    places.prepare(agents);
    await places.standIn(agents);
    return places;
  }

  /** Ends the agents that run, and forgets what was asked. */
  async stop(): Promise<void> {
    await Promise.all([...this.runtimes.values()].map((runtime) => runtime.stop()));
    this.asked.length = 0;
    this.served.length = 0;
  }

  /** Ends everything, and puts the lab's applications back. */
  async leave(): Promise<void> {
    await this.stop();
    await Promise.all(this.scripts.map((script) => script.stop()));
    await Promise.all(this.vacated.map((id) => this.world.stage.occupy(id)));
  }

  /** What the controller makes of the agent. */
  filesOf({ id }: Agent): RuntimeFiles {
    const files = this.files.get(id);
    if (files === undefined) throw new Error(`${id} has no runtime`);
    return files;
  }

  /** What the model says to the agent, and to nobody else. */
  contributionOf({ id }: Agent): string {
    return this.personas.get(id)?.contribution ?? "";
  }

  /** Runs the agent, anew where it runs already. */
  async run(agent: Agent, files = this.filesOf(agent)): Promise<void> {
    const { stage } = this.world;
    const { id, tenant, name } = agent;
    const packages = stage.parts.runtime;
    if (packages === undefined || this.certificate === undefined) throw new Error("there is no runtime");
    await this.runtimes.get(id)?.stop();
    if (!this.vacated.includes(id)) await this.vacate(id);
    const folder = join(this.folder, `${tenant}.${name}`);
    mkdirSync(folder, { recursive: true });
    const account = serviceAccountName(name);
    const token = await stage.api.serviceAccountToken(tenant, account, kagent.AGENT_TOKEN_AUDIENCE);
    const trust = this.certificate.file;
    const wire = stage.wire(id);
    this.runtimes.set(id, await Runtime.start({ packages, wire, folder, files, token, trust }));
  }

  /** A user's message, handed to the agent over a connection of its own. */
  async message(agent: Agent, from: Sender, text: string): Promise<Outcome> {
    const { stage } = this.world;
    const away = from === "controller";
    const wire = stage.wire(away ? CONTROLLER : agent.id);
    const script = await Script.start<Post, Posted>(wire, compileScript("sender", this.folder), {
      user: away ? kagent.AGENT_UID : ROOT,
    });
    try {
      await dropConnections(wire);
      const posted = await new Promise<Posted>((resolve) => {
        script.onMessage(resolve);
        script.send({
          id: this.sent++,
          address: away ? stage.addresses.front(agent.id) : "127.0.0.1",
          port: kagent.AGENT_PORT,
          headers: { host: `${agent.name}.${agent.tenant}:${kagent.AGENT_PORT}`, "x-user-id": "lab-user" },
          body: messageSend(text),
          withinMs: ANSWER_WITHIN_MS,
        });
      });
      return outcomeOf(posted.status, posted.text);
    } finally {
      await script.stop();
    }
  }

  private prepare(agents: readonly Agent[]): void {
    const { topology, tokens } = this.world;
    const keys = new Map<string, string>();
    const apiKey = (tenant: string, { name }: Model) => {
      const id = `${tenant}/${name}`;
      const key = keys.get(id) ?? `lab-${randomBytes(16).toString("hex")}`;
      keys.set(id, key);
      return key;
    };
    const objects = runtimeObjects(topology, tokens, apiKey);
    for (const agent of agents) {
      const files = runtimeFiles(agent, objects, proxyUrl(topology));
      this.files.set(agent.id, files);
      this.personas.set(agent.id, {
        agent: agent.id,
        apiKey: files.environment.OPENAI_API_KEY ?? "",
        instruction: files.config.instruction,
        contribution: `contribution-${randomBytes(8).toString("hex")}`,
      });
    }
  }

  private async standIn(agents: readonly Agent[]): Promise<void> {
    const models = [...new Map(agents.map(({ model }) => [model.name, model])).values()];
    const hosts = models.flatMap(({ settings }) => settings.egress.hosts);
    this.certificate = await selfSigned(this.folder, [...new Set(hosts)]);
    const { certificate, key } = this.certificate;
    for (const model of models) {
      const serving: ServingModel = {
        ports: [model.settings.egress.port],
        personas: [...this.personas.values()],
        certificate,
        key,
      };
      await this.put<Asked>(modelId(model), "model", serving, (asked) => this.asked.push(asked));
    }
    const serving: ServingController = {
      port: kagent.CONTROLLER_PORT,
      agents: this.world.topology.agents.map(({ id }) => id),
      user: kagent.AGENT_UID,
    };
    await this.put<Served>(CONTROLLER, "controller", serving, (served) => this.served.push(served));
  }

  private async put<Told>(
    id: string,
    name: "controller" | "model",
    given: unknown,
    listener: (told: Told) => void,
  ): Promise<void> {
    await this.vacate(id);
    const wire = this.world.stage.wire(id);
    const script = await Script.start<never, Told>(wire, compileScript(name, this.folder), given);
    script.onMessage(listener);
    this.scripts.push(script);
  }

  private async vacate(id: string): Promise<void> {
    await this.world.stage.vacate(id);
    this.vacated.push(id);
  }
}

/** kagent's `proxy.url`. */
export const proxyUrl = ({ routing }: Topology): string | undefined =>
  routing === "gateway" ? GATEWAY_URL : undefined;
