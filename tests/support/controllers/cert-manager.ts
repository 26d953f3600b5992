/** cert-manager's controllers beside the embedded control plane, with the rights that its chart gives them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { obtain } from "../../../sandbox/binaries";
import { freePort } from "../../../sandbox/control-plane/ports";
import type { KubeApi, KubeObject } from "../kube-api";
import { installChart } from "./install";
import { ControllerProcess, kubeconfigFor } from "./process";

const ACCOUNT = { namespace: "cert-manager", name: "cert-manager" };

export class CertManager {
  private constructor(
    private readonly process: ControllerProcess,
    private readonly folder: string,
  ) {}

  /** Its webhook does not run: it only checks and converts what is written. May take minutes to build. */
  static async start(
    api: KubeApi,
    kubeconfig: string,
    rendered: readonly KubeObject[],
  ): Promise<CertManager> {
    const binaries = await obtain(["cert-manager-controllers"]);
    await installChart(
      api,
      rendered.filter(({ kind }) => !kind.endsWith("WebhookConfiguration")),
    );
    const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-cert-manager-"));
    await kubeconfigFor(api, kubeconfig, ACCOUNT, join(folder, "kubeconfig"));
    const health = `127.0.0.1:${await freePort()}`;
    const process = await ControllerProcess.start({
      binary: binaries["cert-manager-controllers"].path,
      args: [
        `--kubeconfig=${join(folder, "kubeconfig")}`,
        `--cluster-resource-namespace=${ACCOUNT.namespace}`,
        `--health-address=${health}`,
      ],
      log: join(folder, "log"),
      ready: `http://${health}/`,
    });
    return new CertManager(process, folder);
  }

  async remove(): Promise<void> {
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
