/** A controller that runs as a process beside the embedded control plane, with the rights of its own service account. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import type { KubeApi } from "../kube-api";
import { eventually } from "../sandbox";

export interface ControllerCommand {
  readonly binary: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File that takes both outputs. */
  readonly log: string;
  /** Address that answers 200 once the controller works. */
  readonly ready: string;
}

const READY_WITHIN_MS = 60_000;

export class ControllerProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Returns when it is ready; throws with its last words when it ends instead. */
  static async start({ binary, args, env = {}, log, ready }: ControllerCommand): Promise<ControllerProcess> {
    const output = openSync(log, "a", 0o600);
    const child = spawn(binary, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    const started = new ControllerProcess(child);
    try {
      await eventually(async () => {
        if (started.runs) assert.equal((await fetch(ready)).status, 200, `not ready: ${ready}`);
      }, READY_WITHIN_MS);
      assert.ok(started.runs, "it ended");
      return started;
    } catch (error) {
      await started.stop("SIGKILL");
      throw new Error(`${binary} did not start. Its last words:\n${lastWords(log)}`, { cause: error });
    }
  }

  get runs(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (!this.runs) return;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
  }
}

const lastWords = (log: string) => readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n");

/** Writes a kubeconfig whose user is a service account, by a token as its pods would get. */
export async function kubeconfigFor(
  api: KubeApi,
  kubeconfig: string,
  account: { namespace: string; name: string },
  file: string,
): Promise<void> {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const { code, message, body } = await api.request("POST", path, {
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 3_600 },
    },
  });
  assert.equal(code, 201, message);
  const { token } = body.status as { token: string };
  const config = parse(readFileSync(kubeconfig, "utf8")) as { users: { user: unknown }[] };
  config.users.forEach((entry) => {
    entry.user = { token };
  });
  writeFileSync(file, stringify(config), { mode: 0o600 });
}
