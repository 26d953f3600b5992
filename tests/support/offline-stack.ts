/** A real control plane, the real engine and the offline provider, for tests that deploy small programs. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
} from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import { type EngineEvent, LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { obtain, rootOf } from "../../sandbox/binaries";
import { SandboxHome, startControlPlane, stopControlPlane } from "../../sandbox/control-plane";
import { installOfflineProviders } from "../../sandbox/provider";

export interface TestObject extends KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** What an operation did: one entry per resource that is not the same, such as `update cm [data.k]`. */
export interface Outcome {
  steps: string[];
  output: string;
  error: string;
}

export interface OperationOptions {
  signal?: AbortSignal;
  onOutput?: (text: string) => void;
}

export class OfflineEnvironment {
  readonly folder = join(tmpdir(), `offline-provider-${randomBytes(4).toString("hex")}`);
  readonly pulumiHome = join(this.folder, "pulumi");
  private readonly home = new SandboxHome(join(this.folder, "sandbox"));
  private command: PulumiCommand | undefined;
  private api: KubernetesObjectApi | undefined;

  get kubeconfig(): string {
    return this.home.kubeconfig;
  }

  async start(): Promise<void> {
    const binaries = await obtain(["etcd", "kube-apiserver", "kube-controller-manager", "pulumi"]);
    const auditPolicy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";
    this.home.prepare();
    await startControlPlane(this.home, { auditPolicy, binaries });
    await installOfflineProviders(this.pulumiHome);
    this.command = await PulumiCommand.get({ root: rootOf(binaries.pulumi) });
    const config = new KubeConfig();
    config.loadFromFile(this.kubeconfig);
    this.api = KubernetesObjectApi.makeApiClient(config);
  }

  async stop(): Promise<void> {
    await stopControlPlane(this.home);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async stack(args: k8s.ProviderArgs = {}): Promise<TestStack> {
    assert.ok(this.command);
    const name = `s${randomBytes(4).toString("hex")}`;
    const state = join(this.folder, name);
    mkdirSync(state);
    const program = async () => {};
    const stack = await LocalWorkspace.createStack(
      { stackName: name, projectName: "test", program },
      {
        pulumiCommand: this.command,
        pulumiHome: this.pulumiHome,
        envVars: {
          PULUMI_BACKEND_URL: `file://${state}`,
          PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        },
      },
    );
    return new TestStack(stack, state, { kubeconfig: this.kubeconfig, ...args });
  }

  /** The live object, or undefined. */
  async live(
    apiVersion: string,
    kind: string,
    name: string,
    namespace = "default",
  ): Promise<TestObject | undefined> {
    assert.ok(this.api);
    try {
      return (await this.api.read({ apiVersion, kind, metadata: { name, namespace } })) as TestObject;
    } catch (error) {
      if ((error as { code?: number }).code === 404) return undefined;
      throw error;
    }
  }

  async create(object: TestObject): Promise<void> {
    assert.ok(this.api);
    await this.api.create(object);
  }

  /** Changes an object as somebody with kubectl would. */
  async patch(object: TestObject): Promise<void> {
    assert.ok(this.api);
    await this.api.patch(object, undefined, undefined, "kubectl-edit", undefined, PatchStrategy.MergePatch);
  }

  async remove(object: TestObject): Promise<void> {
    assert.ok(this.api);
    await this.api.delete(object);
  }
}

/** Declares resources; what it returns are the stack's outputs. */
export type TestProgram = (options: { provider: k8s.Provider }) => unknown;

export class TestStack {
  constructor(
    readonly stack: Stack,
    private readonly folder: string,
    private readonly args: k8s.ProviderArgs,
  ) {}

  preview(program: TestProgram): Promise<Outcome> {
    return this.run((options) => this.stack.preview({ ...options, program: this.wrap(program) }));
  }

  up(program: TestProgram, options: OperationOptions = {}): Promise<Outcome> {
    return this.run((common) => this.stack.up({ ...common, program: this.wrap(program) }), options);
  }

  refresh(): Promise<Outcome> {
    return this.run((options) => this.stack.refresh(options));
  }

  destroy(): Promise<Outcome> {
    return this.run((options) => this.stack.destroy(options));
  }

  /** All that lies on disk, where secrets must be encrypted. */
  state(): string {
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    assert.ok(files.length > 0);
    return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join("\n");
  }

  private wrap(program: TestProgram): () => Promise<Record<string, unknown> | undefined> {
    return async () => {
      const outputs = program({ provider: new k8s.Provider("k8s", this.args) });
      return outputs as Record<string, unknown> | undefined;
    };
  }

  private async run(
    operation: (options: object) => Promise<unknown>,
    { signal, onOutput }: OperationOptions = {},
  ): Promise<Outcome> {
    const outcome: Outcome = { steps: [], output: "", error: "" };
    const onText = (text: string) => {
      outcome.output += text;
      onOutput?.(text);
    };
    const onEvent = (event: EngineEvent) => {
      const step = stepOf(event);
      if (step !== undefined) outcome.steps.push(step);
    };
    try {
      await operation({ color: "never", diff: false, onOutput: onText, onError: onText, onEvent, signal });
    } catch (error) {
      outcome.error = error instanceof Error ? error.message : String(error);
    }
    outcome.steps.sort();
    return outcome;
  }
}

/** Stack and provider resources are left out: they do nothing on the cluster. */
function stepOf({ resourcePreEvent }: EngineEvent): string | undefined {
  if (resourcePreEvent === undefined) return undefined;
  const { op, type, urn, detailedDiff } = resourcePreEvent.metadata;
  if (op === "same" || op === "refresh" || type.startsWith("pulumi:")) return undefined;
  const paths = Object.keys(detailedDiff ?? {}).sort();
  return `${op} ${urn.split("::").at(-1)}${paths.length > 0 ? ` [${paths.join(", ")}]` : ""}`;
}
