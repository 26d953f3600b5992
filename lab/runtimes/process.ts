/** The real runtime of an agent in its pod: behind the pod's sidecar, with the uid and the service account of its container. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kagent } from "../../topology/index";
import { LabError } from "../errors";
import type { RuntimePackages } from "../parts/kagent-adk";
import { waitFor } from "../stage/mesh";
import { command, inPod, type Wire } from "../stage/wires";
import type { RuntimeFiles } from "./derive";

/** Where kagent mounts the pod's own token, which the runtime sends to the controller. */
const TOKEN_FOLDER = "/var/run/secrets/tokens";
const READY_WITHIN_MS = 120_000;

export interface RuntimeOptions {
  readonly packages: RuntimePackages;
  readonly wire: Wire;
  /** For its files and its log. */
  readonly folder: string;
  readonly files: RuntimeFiles;
  /** The service account's token for the audience `kagent`. Secret. */
  readonly token: string;
  /** File with the certificates that it trusts, in the place of the public authorities. */
  readonly trust: string;
}

export class Runtime {
  private constructor(
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {}

  /** Returns once it listens. */
  static async start({ packages, wire, folder, files, token, trust }: RuntimeOptions): Promise<Runtime> {
    const tokens = join(folder, "tokens");
    mkdirSync(tokens, { recursive: true });
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
    write("config.json", JSON.stringify(files.config));
    write("agent-card.json", JSON.stringify(files.card));
    write(join("tokens", "kagent-token"), token);
    const log = join(folder, "log");
    const output = openSync(log, "w");
    const serving = ["static", "--host=0.0.0.0", `--port=${kagent.AGENT_PORT}`, `--filepath=${folder}`];
    const run = [packages.python, "-m", "kagent.adk.cli", ...serving];
    const [program, args] = inPod(wire, "setpriv", [...asAgent(kagent.AGENT_UID), ...run]);
    const child = spawn("unshare", [...withFolder(tokens, TOKEN_FOLDER), program, ...args], {
      cwd: folder,
      stdio: ["ignore", output, output],
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        PYTHONPATH: packages.packages,
        PYTHONNOUSERSITE: "1",
        PYTHONDONTWRITEBYTECODE: "1",
        SSL_CERT_FILE: trust,
        ...files.environment,
      },
    });
    const runtime = new Runtime(child, log);
    await runtime.listening(wire);
    return runtime;
  }

  async stop(): Promise<void> {
    if (this.hasEnded()) return;
    const exit = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await exit;
  }

  private async listening(wire: Wire): Promise<void> {
    const [program, args] = inPod(wire, "ss", ["-Hltn", `sport = :${kagent.AGENT_PORT}`]);
    const check = async () => {
      if (this.hasEnded())
        throw new LabError("The agents' runtime ended early. It last said:", this.lastWords());
      return (await command(program, ...args)).trim() !== "";
    };
    await waitFor("The agents' runtime does not listen", check, READY_WITHIN_MS);
  }

  private hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private lastWords(): string {
    return readFileSync(this.log, "utf8").trim().split("\n").slice(-5).join("\n");
  }
}

/** unshare(1): a folder appears elsewhere, for one program only. The program takes the place of the shell. */
const withFolder = (folder: string, place: string): string[] => [
  "--mount",
  "--propagation=private",
  "sh",
  "-c",
  `mkdir -p ${place} && mount --bind "$0" ${place} && exec "$@"`,
  folder,
];

/**
 * setpriv(1): the container's user, by whom the sidecar tells the application's traffic from its own. It may read every file:
 * Python and its packages may lie in a folder of root's.
 */
const asAgent = (uid: number): string[] => [
  `--reuid=${uid}`,
  `--regid=${uid}`,
  "--clear-groups",
  "--inh-caps=-all,+dac_read_search",
  "--ambient-caps=-all,+dac_read_search",
];
