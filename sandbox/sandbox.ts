/** The embedded default: a real control plane, the real engine, and the stack on it. */
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { stringify } from "yaml";
import { auditPolicy } from "../components/layers/audit";
import { type Outcome, operate } from "../operations/operate";
import { Interrupted, reasonOf } from "../system/errors";
import { interruptible } from "../system/interrupt";
import { type Progress, silent } from "../system/progress";
import { readTopology, type Topology } from "../topology";
import { obtain, rootOf } from "./binaries";
import {
  type ControlPlane,
  controlPlaneStatus,
  type SandboxHome,
  startControlPlane,
  stopControlPlane,
} from "./control-plane";
import { type CrdGroup, installCrds, type LoadedCrds, loadCrds } from "./crds";
import { obtainPlugins, type PluginsInUse } from "./provider";
import { deployedStack, pulumiHome, sandboxConfiguration, sandboxStack } from "./stack-workspace";

export interface SandboxOptions {
  readonly home: SandboxHome;
  /** Configuration of the stack to run, as below `kagent-a2a:` in a stack file. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Called with what the engine reports while it deploys. */
  readonly onEvent?: (event: EngineEvent) => void;
}

/** A control plane with the CRDs installed, and the stack selected on it; nothing deployed yet. */
export interface ReadySandbox {
  readonly topology: Topology;
  readonly plane: ControlPlane;
  readonly stack: Stack;
  readonly crds: LoadedCrds;
  readonly plugins: PluginsInUse;
}

export interface DeployedSandbox extends ReadySandbox {
  readonly result: Outcome;
}

/** Systems whose API the stack's objects use when admission is native. */
function crdGroupsOf({ secrets, pki }: Topology): CrdGroup[] {
  return [
    "istio",
    "kagent",
    ...(secrets === "vault" ? (["external-secrets"] as const) : []),
    ...(pki !== "none" ? (["cert-manager"] as const) : []),
  ];
}

/** @throws ConfigurationError, UserError */
export async function prepareSandbox(options: SandboxOptions): Promise<ReadySandbox> {
  const { home, progress = silent } = options;
  const configuration = sandboxConfiguration(options.configuration);
  const topology = readTopology(configuration);
  return home.withLock("start", () =>
    interruptible(async (signal) => {
      const common = { progress, signal };
      const [binaries, crds] = await Promise.all([
        obtain(["etcd", "kube-apiserver", "kube-controller-manager", "pulumi"], common),
        loadCrds({ ...common, groups: crdGroupsOf(topology) }),
      ]);
      const [[plane, plugins], stack] = await together(
        together(
          startControlPlane(home, {
            ...common,
            auditPolicy: stringify(auditPolicy(topology), { compat: "yaml-1.1" }),
            binaries,
          }),
          obtainPlugins(pulumiHome(home), binaries.pulumi.path, common),
        ),
        // Selecting a stack needs no API server yet.
        sandboxStack({ home, ...common, pulumiRoot: rootOf(binaries.pulumi), configuration, topology }),
      );
      await installCrds(plane.kubeconfigPath, crds.objects, progress, signal);
      return { topology, plane, stack, crds, plugins };
    }, options.signal),
  );
}

/** Both, and the first failure only when neither runs any more: the lock must not be given up while one still works. */
async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/** Brings the sandbox up: a second time it changes nothing. What it started itself ends again with Ctrl-C. */
export async function startSandbox(options: SandboxOptions): Promise<DeployedSandbox> {
  const { home, progress = silent } = options;
  // What is wrong with the configuration is said before anything begins.
  readTopology(sandboxConfiguration(options.configuration));
  return home.withLock("start", async () => {
    const before = await controlPlaneStatus(home);
    try {
      return await interruptible(async (signal) => {
        const ready = await prepareSandbox({ ...options, signal });
        const result = await progress.step("deploying the stack", (detail) =>
          operate(ready.stack, "up", {
            signal,
            onEvent: eachOf(countResources(detail), options.onEvent),
          }).catch((error) => {
            // What an interrupted engine complains about is of no interest.
            signal.throwIfAborted();
            throw error;
          }),
        );
        return { ...ready, result };
      }, options.signal);
    } catch (error) {
      if (error instanceof Interrupted && before.state !== "ready") await stopControlPlane(home, progress);
      throw error;
    }
  });
}

export interface RemoveOptions {
  readonly home: SandboxHome;
  readonly progress?: Progress;
}

/** Destroys the stack, stops every process that was started and removes the folder. */
export async function removeSandbox({ home, progress = silent }: RemoveOptions): Promise<void> {
  if (!home.exists()) return;
  await home.withLock("down", async () => {
    // Without an API server there is nothing to delete from: the objects go with the folder.
    if ((await controlPlaneStatus(home)).state === "ready")
      await interruptible((signal) => destroyStack(home, progress, signal)).catch((error) => {
        if (error instanceof Interrupted) throw error;
        progress.note(`${reasonOf(error)}\nThe objects that are left go with the control plane.`);
      });
    await stopControlPlane(home, progress);
    home.remove();
  });
}

async function destroyStack(home: SandboxHome, progress: Progress, signal: AbortSignal): Promise<void> {
  const { pulumi } = await obtain(["pulumi"], { progress, signal });
  const stack = await deployedStack({ home, pulumiRoot: rootOf(pulumi), progress, signal });
  if (stack === undefined) return;
  await progress.step("destroying the stack", (detail) =>
    operate(stack, "destroy", { signal, onEvent: countResources(detail) }),
  );
}

type Listener = (event: EngineEvent) => void;

const eachOf =
  (...listeners: (Listener | undefined)[]): Listener =>
  (event) => {
    for (const listener of listeners) listener?.(event);
  };

function countResources(detail: (text: string) => void): Listener {
  let done = 0;
  return ({ resOutputsEvent }) => {
    if (resOutputsEvent === undefined) return;
    done += 1;
    detail(`${done} resources`);
  };
}
