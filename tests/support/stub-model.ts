/** The stub model as a process on loopback, started as its pod starts it: by `node -e`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { STUB, STUB_URL } from "../../verify/stub-model/place";
import { devTopology, type Raw } from "./dev";

const SCRIPT = join(__dirname, "../../verify/stub-model/server.cjs");
/** The pod's own command. */
export const STUB_COMMAND = ["node", "-e", readFileSync(SCRIPT, "utf8")] as const;

export class StubModel {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(command: readonly string[] = STUB_COMMAND): Promise<StubModel> {
    const [program = "", ...args] = command;
    const env = { PATH: process.env.PATH, PORT: "0", ADDRESS: "127.0.0.1" };
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return new StubModel(child, Number(/listening on (\d+)/.exec(line.toString())?.[1]));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await ended;
  }
}

/** A stack whose only model stands where verify puts the stub. */
export const stubbed = (edit: (configuration: Raw) => void = () => {}) =>
  devTopology((configuration) => {
    configuration.models.gpt = {
      provider: "OpenAI",
      model: "stub",
      parameters: { baseUrl: STUB_URL },
      egress: { pods: { namespace: STUB.namespace, labels: { ...STUB.labels } }, port: STUB.port },
    };
    edit(configuration);
  });
