/** A control plane of its own for a test file, without a stack: what runs beside it and what stands on it is the test's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { obtain } from "../../../sandbox/binaries";
import {
  processNames,
  SandboxHome,
  startControlPlane,
  stopControlPlane,
} from "../../../sandbox/control-plane";
import { type CrdGroup, installCrds, loadCrds } from "../../../sandbox/crds";
import { KubeApi } from "../kube-api";

/** Where nothing is cached the binaries are built from source. */
export const BUILDING_MS = 1_800_000;

export class TestPlane {
  private readonly folder = mkdtempSync(join(tmpdir(), "kagent-a2a-plane-"));
  readonly home = new SandboxHome(join(this.folder, "sandbox"));
  private ready: KubeApi | undefined;

  get api(): KubeApi {
    this.ready ??= new KubeApi(this.home.kubeconfig);
    return this.ready;
  }

  get kubeconfig(): string {
    return this.home.kubeconfig;
  }

  /** Starts it and installs the definitions of some systems. */
  async start(groups: readonly CrdGroup[]): Promise<void> {
    const [binaries, crds] = await Promise.all([obtain(processNames), loadCrds({ groups })]);
    const auditPolicy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";
    await startControlPlane(this.home, { binaries, auditPolicy });
    await installCrds(this.home.kubeconfig, crds.objects);
  }

  async remove(): Promise<void> {
    await stopControlPlane(this.home);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
