/**
 * Gatekeeper as its chart would run it: the same arguments, service account, roles and webhook configuration. Only what
 * a process on loopback needs is different: addresses, and a certificate made for the test.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { obtain } from "../../../sandbox/binaries";
import { freePort } from "../../../sandbox/control-plane/ports";
import type { KubeApi, KubeObject } from "../kube-api";
import { eventually } from "../sandbox";
import { webhookCertificate } from "./certificates";
import { applied, installChart } from "./install";
import { ControllerProcess, kubeconfigFor } from "./process";

const ACCOUNT = "gatekeeper-admin";
const DEPLOYMENTS = { webhook: "gatekeeper-controller-manager", audit: "gatekeeper-audit" } as const;
type Role = keyof typeof DEPLOYMENTS;

interface Workload {
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] };
  };
}
interface Webhook {
  clientConfig: { service?: { path: string }; url?: string; caBundle?: string };
}

export class Gatekeeper {
  private readonly running = new Map<Role, ControllerProcess>();

  private constructor(
    private readonly api: KubeApi,
    private readonly binary: string,
    private readonly folder: string,
    private readonly rendered: readonly KubeObject[],
    private readonly webhookPort: number,
    private readonly caBundle: string,
  ) {}

  /** Installs the rendered chart, except its webhook configurations: see `serve`. May take minutes to build. */
  static async install(
    api: KubeApi,
    kubeconfig: string,
    rendered: readonly KubeObject[],
  ): Promise<Gatekeeper> {
    const { gatekeeper } = await obtain(["gatekeeper"]);
    const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-gatekeeper-"));
    await installChart(
      api,
      rendered.filter(({ kind }) => !kind.endsWith("WebhookConfiguration")),
    );
    const namespace = namespaceOf(rendered);
    await kubeconfigFor(api, kubeconfig, { namespace, name: ACCOUNT }, join(folder, "kubeconfig"));
    const authority = webhookCertificate(folder);
    mkdirSync(join(folder, "audit"));
    return new Gatekeeper(api, gatekeeper.path, folder, rendered, await freePort(), authority);
  }

  get namespace(): string {
    return namespaceOf(this.rendered);
  }

  /** Starts what does not run. `flags` take the place of the chart's: `--name=value`. */
  async start(flags: Readonly<Record<string, string>> = {}): Promise<void> {
    for (const role of Object.keys(DEPLOYMENTS) as Role[]) {
      if (this.running.get(role)?.runs) continue;
      this.running.set(role, await this.startOne(role, flags));
    }
  }

  /** Puts the chart's validating webhooks in force, with the addresses of this process. */
  async serve(): Promise<void> {
    const { caBundle } = this;
    for (const object of this.rendered.filter(({ kind }) => kind === "ValidatingWebhookConfiguration")) {
      const webhooks = (object.webhooks as Webhook[]).map((webhook) => {
        const { path } = webhook.clientConfig.service ?? {};
        assert.ok(path, "a webhook without a service");
        return {
          ...webhook,
          clientConfig: { url: `https://127.0.0.1:${this.webhookPort}${path}`, caBundle },
        };
      });
      await applied(this.api, { ...object, webhooks });
    }
  }

  async stop(): Promise<void> {
    for (const process of this.running.values()) await process.stop();
  }

  /** Waits until the webhook enforces the newest generation of a constraint. */
  async enforces(kind: string, name: string): Promise<void> {
    await eventually(async () => {
      const constraint = await this.api.read("constraints.gatekeeper.sh/v1beta1", kind, name);
      const { byPod = [] } = (constraint.status ?? {}) as { byPod?: Record<string, unknown>[] };
      const webhook = byPod.find(({ id }) => id === podName("webhook"));
      assert.equal(webhook?.enforced, true, `the webhook does not enforce ${name}`);
      assert.equal(webhook.observedGeneration, constraint.metadata.generation, `${name} is newer`);
    }, 60_000);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async startOne(role: Role, flags: Readonly<Record<string, string>>): Promise<ControllerProcess> {
    const deployment = this.rendered.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === DEPLOYMENTS[role],
    );
    assert.ok(deployment, `the chart renders no Deployment ${DEPLOYMENTS[role]}`);
    const { template } = deployment.spec as Workload;
    // The object that a kubelet would run: Gatekeeper reports its state in the name of its pod.
    const name = podName(role);
    const labels = template.metadata.labels;
    await applied(this.api, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: this.namespace, labels },
      spec: template.spec,
    });
    const health = await freePort();
    const own = {
      host: "127.0.0.1",
      port: String(role === "webhook" ? this.webhookPort : await freePort()),
      "health-addr": `127.0.0.1:${health}`,
      "prometheus-port": String(await freePort()),
      "cert-dir": this.folder,
      "api-cache-dir": join(this.folder, "audit"),
      "disable-cert-rotation": "true",
      "shutdown-delay": "0",
      kubeconfig: join(this.folder, "kubeconfig"),
      ...flags,
    };
    const kept = template.spec.containers[0].args.filter(
      (arg) => !Object.keys(own).includes(arg.replace(/^--/, "").split("=")[0] ?? ""),
    );
    return ControllerProcess.start({
      binary: this.binary,
      args: [...kept, ...Object.entries(own).map(([flag, value]) => `--${flag}=${value}`)],
      env: { POD_NAME: name, POD_NAMESPACE: this.namespace },
      log: join(this.folder, `${role}.log`),
      ready: `http://127.0.0.1:${health}/readyz`,
    });
  }
}

const podName = (role: Role) => `${DEPLOYMENTS[role]}-0`;

function namespaceOf(rendered: readonly KubeObject[]): string {
  const account = rendered.find(
    ({ kind, metadata }) => kind === "ServiceAccount" && metadata.name === ACCOUNT,
  );
  assert.ok(account?.metadata.namespace, `the chart renders no ServiceAccount ${ACCOUNT}`);
  return account.metadata.namespace;
}
