/** Real control planes in folders of their own, for tests of starting and ending them. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Obtained, obtain } from "../../sandbox/binaries";
import {
  type ControlPlane,
  controlPlaneStatus,
  type ProcessName,
  processNames,
  SandboxHome,
  startControlPlane,
  stopControlPlane,
} from "../../sandbox/control-plane";
import { sleep } from "../../system/interrupt";
import { type Progress, silent } from "../../system/progress";

/** An audit policy that logs nothing but ConfigMaps. */
export function auditPolicy(level: string): string {
  return `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: ${level}, resources: [{resources: [configmaps]}]}]\n`;
}

export class ControlPlanes {
  private readonly folder = mkdtempSync(join(tmpdir(), "kagent-a2a-plane-"));

  private constructor(readonly binaries: Obtained<ProcessName>) {}

  /** May take minutes: a machine without the binaries builds them first. */
  static async create(): Promise<ControlPlanes> {
    return new ControlPlanes(await obtain(processNames));
  }

  home(name: string): SandboxHome {
    return new SandboxHome(join(this.folder, name));
  }

  start(home: SandboxHome, level = "Metadata", progress: Progress = silent): Promise<ControlPlane> {
    return startControlPlane(home, { auditPolicy: auditPolicy(level), binaries: this.binaries, progress });
  }

  /** Stops whatever a test left running. */
  async remove(): Promise<void> {
    for (const name of readdirSync(this.folder)) await stopControlPlane(this.home(name));
    rmSync(this.folder, { recursive: true });
  }
}

export async function pids(home: SandboxHome): Promise<Record<ProcessName, number | undefined>> {
  const { processes } = await controlPlaneStatus(home);
  const pid = (name: ProcessName) => processes.find((process) => process.name === name)?.pid;
  return {
    etcd: pid("etcd"),
    "kube-apiserver": pid("kube-apiserver"),
    "kube-controller-manager": pid("kube-controller-manager"),
  };
}

export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(25);
}
