/**
 * The lab's kubelet and scheduler: a Node, `pods/exec` into every pod (by the library that kubelets use), and pods that somebody
 * creates come to run, as processes on a wire of their own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { delimiter } from "node:path";
import { sleep } from "../../system/interrupt";
import { kagent } from "../../topology/index";
import type { Api, RunningPod } from "./api";
import { NODE } from "./manifests";
import { waitFor } from "./mesh";
import { inPod, NODE_ADDRESS, type Wires } from "./wires";

const PORT = 10250;
const POLL_MS = 100;

/** As an agent's container: the sidecar intercepts it. It may read the machine's programs wherever they are installed. */
const AS_AGENT = [
  "setpriv",
  `--reuid=${kagent.AGENT_UID}`,
  `--regid=${kagent.AGENT_UID}`,
  "--clear-groups",
  "--inh-caps=+dac_read_search",
  "--ambient-caps=+dac_read_search",
];
const [program, behind] = inPod({ name: "{pod}", address: "" }, AS_AGENT[0] as string, AS_AGENT.slice(1));

export class Kubelet {
  private readonly running = new Map<string, ChildProcess>();
  private readonly stopped = new AbortController();
  private work: Promise<void> = Promise.resolve();

  private constructor(
    private readonly api: Api,
    private readonly wires: Wires,
  ) {}

  /**
   * @param binary of `sandbox/builds/kubelet`
   * @param programs folder of those that images have besides the machine's own: Istio's proxy has pilot-agent
   */
  static async start(
    { binary, programs }: { binary: string; programs: string },
    api: Api,
    wires: Wires,
    log: string,
  ): Promise<Kubelet> {
    const output = openSync(log, "a");
    const env = { ...process.env, PATH: [programs, process.env.PATH].join(delimiter) };
    spawn(binary, [`${NODE_ADDRESS}:${PORT}`, program, ...behind], {
      env,
      stdio: ["ignore", output, output],
    });
    await waitFor("The kubelet does not listen", async () => {
      try {
        await fetch(`http://${NODE_ADDRESS}:${PORT}/`);
        return true;
      } catch {
        return false;
      }
    });
    await api.register(NODE, NODE_ADDRESS, PORT);
    const kubelet = new Kubelet(api, wires);
    kubelet.work = kubelet.keepRunning();
    return kubelet;
  }

  /** Pods that run go on. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.work;
  }

  private async keepRunning(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      for (const pod of await this.api.pods()) {
        const id = `${pod.namespace}.${pod.name}`;
        if (pod.isEnding && this.running.has(id)) await this.end(id, pod);
        else if (pod.node === undefined && !pod.isEnding) await this.begin(id, pod);
      }
      await sleep(POLL_MS);
    }
  }

  private async begin(id: string, pod: RunningPod): Promise<void> {
    const wire = await this.wires.plug(id, this.wires.freeAddress());
    const [command, args] = inPod(wire, AS_AGENT[0] as string, [...AS_AGENT.slice(1), ...pod.command]);
    this.running.set(id, spawn(command, args, { stdio: "ignore" }));
    await this.api.bind(pod, NODE);
    await this.api.setRunning(pod, wire.address);
  }

  private async end(id: string, pod: RunningPod): Promise<void> {
    this.running.get(id)?.kill("SIGKILL");
    this.running.delete(id);
    await this.api.confirmEnd(pod);
  }
}
