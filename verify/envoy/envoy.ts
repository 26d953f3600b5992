/** A real Envoy on loopback. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Gate, listenerOf } from "./gate";

const readyWithinMs = 20_000;

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
