/** One sandbox in a folder of its own for a test file: up before its tests, gone after them whatever happened. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { stepOf, titleOf } from "../../operations/steps";
import { SandboxHome, stopControlPlane } from "../../sandbox/control-plane";
import { type DeployedSandbox, prepareSandbox, type ReadySandbox, startSandbox } from "../../sandbox/sandbox";
import { readStackFile } from "../../topology/index";
import { KubeApi } from "./kube-api";

export type Configuration = Record<string, unknown>;

/** The configuration that ships, to be changed by a test. */
export const devConfiguration = (): Configuration => readStackFile(join(__dirname, "../../Pulumi.dev.yaml"));

/** What the engine did, in its order: `update NetworkPolicy team-alpha/agent-orchestrator`. */
export interface Run {
  readonly steps: readonly string[];
  readonly deployed: DeployedSandbox;
}

export class TestSandbox {
  readonly home: SandboxHome;
  private readonly folder: string;
  private last: DeployedSandbox | undefined;
  /** Everything that the engine reported in all runs. */
  output = "";

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "kagent-a2a-test-"));
    this.home = new SandboxHome(join(this.folder, "sandbox"));
  }

  get api(): KubeApi {
    return new KubeApi(this.home.kubeconfig);
  }

  /** As the last `up` left it. */
  get deployed(): DeployedSandbox {
    assert.ok(this.last, "nothing was deployed yet");
    return this.last;
  }

  /** The control plane and the stack on it, nothing deployed. */
  prepare(configuration: Configuration): Promise<ReadySandbox> {
    return prepareSandbox({ home: this.home, configuration });
  }

  async up(configuration: Configuration): Promise<Run> {
    const events = new EventLog();
    const deployed = await startSandbox({ home: this.home, configuration, onEvent: events.add });
    this.output += events.text;
    this.last = deployed;
    return { steps: events.steps, deployed };
  }

  /** Reads what is on the cluster into the stack's state. */
  async refresh(configuration: Configuration): Promise<void> {
    const { stack } = await this.prepare(configuration);
    await stack.refresh();
  }

  async destroy(configuration: Configuration): Promise<void> {
    const { stack } = await this.prepare(configuration);
    await stack.destroy();
  }

  async remove(): Promise<void> {
    await stopControlPlane(this.home);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Mocha hooks for one sandbox; `configuration` is deployed before the tests unless it is undefined. */
export function useSandbox(configuration?: () => Configuration): TestSandbox {
  const sandbox = new TestSandbox();
  before(async function () {
    this.timeout(120_000);
    if (configuration !== undefined) await sandbox.up(configuration());
  });
  after(async function () {
    this.timeout(60_000);
    await sandbox.remove();
  });
  return sandbox;
}

/** Steps of the engine on objects of the cluster and on keys; components and providers do nothing there. */
export class EventLog {
  readonly steps: string[] = [];
  text = "";

  readonly add = (event: EngineEvent): void => {
    this.text += `${JSON.stringify(event)}\n`;
    const step = stepOf(event);
    if (step !== undefined && step.operation !== "same")
      this.steps.push(`${step.operation} ${titleOf(step)}`);
  };
}

/** Tries until `check` throws no more: for what a control plane does a moment after it has answered. */
export async function eventually<T>(check: () => Promise<T>, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export function assertRefused(answer: { code: number; message: string }, expected: string | RegExp): void {
  assert.ok(answer.code >= 400, `it was admitted (HTTP ${answer.code})`);
  if (typeof expected === "string") assert.ok(answer.message.includes(expected), answer.message);
  else assert.match(answer.message, expected);
}
