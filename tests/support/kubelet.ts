/**
 * A node beside the embedded control plane, whose kubelet answers `exec` and `portForward` by the library that kubelets use. Its
 * pods are objects without containers: what is run in one runs on this machine, and their ports are those of loopback.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { freePort } from "../../sandbox/control-plane/ports";
import type { KubeApi, KubeObject } from "./kube-api";
import { eventually } from "./sandbox";

const NODE = "node";

export class Kubelet {
  private constructor(
    private readonly api: KubeApi,
    private readonly child: ChildProcess,
  ) {}

  static async start(api: KubeApi, binary: string): Promise<Kubelet> {
    const port = await freePort();
    const kubelet = new Kubelet(api, spawn(binary, [`127.0.0.1:${port}`, "env"], { stdio: "ignore" }));
    try {
      await eventually(() => listening(port));
      await made(api, { apiVersion: "v1", kind: "Node", metadata: { name: NODE } });
      const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
      const daemonEndpoints = { kubeletEndpoint: { Port: port } };
      await kubelet.report(`/api/v1/nodes/${NODE}`, { addresses, daemonEndpoints });
      return kubelet;
    } catch (error) {
      await kubelet.stop();
      throw error;
    }
  }

  /** A pod with one container `agent` that runs, as far as anybody can see. */
  async add(namespace: string, name: string): Promise<void> {
    await made(this.api, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace },
      spec: {
        nodeName: NODE,
        automountServiceAccountToken: false,
        containers: [{ name: "agent", image: "example.com/nothing:1" }],
      },
    });
    await this.report(`/api/v1/namespaces/${namespace}/pods/${name}`, { phase: "Running" });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  private async report(path: string, status: object): Promise<void> {
    const type = "merge-patch+json";
    assert.equal((await this.api.request("PATCH", `${path}/status`, { type, body: { status } })).message, "");
  }
}

async function made(api: KubeApi, object: KubeObject): Promise<void> {
  assert.equal((await api.create(object)).message, "");
}

function listening(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}
