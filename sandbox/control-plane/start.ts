import { UserError } from "../../system/errors";
import { interruptible, sleep } from "../../system/interrupt";
import { type Progress, silent } from "../../system/progress";
import { apiServerCommand, type Binaries, controllerManagerCommand, etcdCommand } from "./commands";
import {
  type Client,
  type CredentialFiles,
  discardExpiring,
  ensureCredentials,
  kubeconfig,
  tokenOf,
} from "./credentials";
import type { SandboxHome } from "./home";
import { freePort } from "./ports";
import { lastWords, logFile, ProcessEnded, Processes } from "./processes";
import { type Endpoint, statusOf } from "./request";
import { type ProcessName, processNames } from "./state";

/** A control plane that is ready. */
export interface ControlPlane {
  url: string;
  kubeconfigPath: string;
  /** Whether this call changed anything: false when it was already running as asked. */
  changed: boolean;
}

export interface StartOptions {
  /** Text of the audit policy the API server logs by (kind Policy, audit.k8s.io/v1). */
  auditPolicy: string;
  binaries: Binaries;
  progress?: Progress;
  signal?: AbortSignal;
}

const readyWithinMs = 90_000;
/** A process that runs but does not answer in this time is replaced. */
const answersWithinMs = 5_000;
const portAttempts = 5;

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on loopback, or what is missing of them; data is kept.
 * When it fails, or is interrupted, after it changed anything, it ends all of them: the control plane runs as a
 * whole or not at all.
 */
export async function startControlPlane(home: SandboxHome, options: StartOptions): Promise<ControlPlane> {
  return home.withLock("start", () =>
    interruptible(async (signal) => {
      home.requireSpace();
      const processes = new Processes(home);
      try {
        const starting = new Starting(home, processes, options, signal);
        const plane = await (options.progress ?? silent).step("control plane", () => starting.run());
        signal.throwIfAborted();
        return plane;
      } catch (error) {
        if (processes.changed) await processes.endAll();
        throw error;
      }
    }, options.signal),
  );
}

/** One start, from what runs now to a control plane that is ready. */
class Starting {
  private readonly credentials: CredentialFiles;
  private readonly progress: Progress;

  constructor(
    private readonly home: SandboxHome,
    private readonly processes: Processes,
    private readonly options: StartOptions,
    private readonly signal: AbortSignal,
  ) {
    this.credentials = ensureCredentials(home);
    this.progress = options.progress ?? silent;
    this.writeIfChanged(home.auditPolicy, options.auditPolicy);
  }

  async run(): Promise<ControlPlane> {
    let endpoint = await this.startApiServer();
    if (!(await this.isReady(endpoint, answersWithinMs))) {
      this.progress.note("The API server runs but does not answer: restarting the control plane.");
      await this.processes.end("kube-apiserver", 0); // it would not hear a request to end either
      await this.processes.endAll();
      endpoint = await this.startApiServer();
    }
    this.writeKubeconfig(this.home.kubeconfig, endpoint.url, "sandbox-admin");
    await this.startControllerManager(endpoint);
    return { url: endpoint.url, kubeconfigPath: this.home.kubeconfig, changed: this.processes.changed };
  }

  /** Starts etcd and kube-apiserver, on another port when its own was taken between choosing and binding. */
  private async startApiServer(): Promise<Endpoint> {
    const { home, processes, options, credentials } = this;
    for (let attempt = 1; ; attempt++) {
      await processes.ensure(etcdCommand(home, options.binaries));
      if (discardExpiring(home)) await processes.end("kube-apiserver");
      const port = await this.choosePort();
      const command = apiServerCommand(home, options.binaries, credentials, port, options.auditPolicy);
      const started = await processes.ensure(command);
      const endpoint = {
        url: `https://127.0.0.1:${port}`,
        certificateFile: credentials.servingCertificate,
        token: tokenOf("sandbox-admin", home) ?? "",
      };
      if (!started) return endpoint;
      try {
        if (await this.isReady(endpoint, readyWithinMs)) return endpoint;
        throw this.notReady("kube-apiserver");
      } catch (error) {
        const portTaken = error instanceof ProcessEnded && error.lastLines.includes("address already in use");
        if (!portTaken || attempt === portAttempts) throw error;
      }
    }
  }

  private async choosePort(): Promise<number> {
    const { processes } = this;
    if (processes.running("kube-apiserver") && processes.port) return processes.port;
    const port = await freePort(processes.port);
    if (processes.port && port !== processes.port) {
      this.progress.note(`Port ${processes.port} is taken by another process: using ${port} from now on.`);
    }
    processes.port = port;
    return port;
  }

  private async startControllerManager(endpoint: Endpoint): Promise<void> {
    const { home, processes, options, credentials } = this;
    const file = `${home.run}/controller-manager.kubeconfig`;
    const text = this.writeKubeconfig(file, endpoint.url, "system:kube-controller-manager");
    const command = controllerManagerCommand(home, options.binaries, credentials, file, text);
    // It answers no questions itself. What it keeps in every namespace shows that it works, if it has to create it.
    const [sign, account] = [
      "/api/v1/namespaces/kube-node-lease/configmaps/kube-root-ca.crt",
      "/api/v1/namespaces/default/serviceaccounts/default",
    ];
    if (!processes.isCurrent(command)) await statusOf(endpoint, sign, "DELETE");
    await processes.ensure(command);
    for (const path of [sign, account]) {
      const ready = await this.wait(endpoint, path, readyWithinMs, processNames);
      if (!ready) throw this.notReady("kube-controller-manager");
    }
  }

  private isReady(endpoint: Endpoint, withinMs: number): Promise<boolean> {
    return this.wait(endpoint, "/readyz", withinMs, ["etcd", "kube-apiserver"]);
  }

  /** Waits until a GET succeeds; false when it does not in time. Throws when one of `needed` ends meanwhile. */
  private async wait(
    endpoint: Endpoint,
    path: string,
    withinMs: number,
    needed: readonly ProcessName[],
  ): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (Date.now() < deadline) {
      this.signal.throwIfAborted();
      this.processes.requireRunning(needed);
      if ((await statusOf(endpoint, path)) === 200) return true;
      await sleep(50, this.signal);
    }
    return false;
  }

  private notReady(name: ProcessName): UserError {
    const log = logFile(this.home, name);
    return new UserError(
      `${name} did not get ready within ${readyWithinMs / 1_000} s. It last said:`,
      ...lastWords(log).map((line) => `  ${line}`),
      `Its whole log: ${log}`,
    );
  }

  private writeKubeconfig(path: string, url: string, client: Client): string {
    const certificate = this.home.read(this.credentials.servingCertificate) ?? "";
    const text = kubeconfig(url, certificate, client, tokenOf(client, this.home) ?? "");
    this.writeIfChanged(path, text);
    return text;
  }

  private writeIfChanged(path: string, text: string): void {
    if (this.home.read(path) !== text) this.home.write(path, text);
  }
}
