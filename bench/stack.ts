/**
 * A whole stack on the embedded control plane, beside `kubectl apply --server-side` of the same rendered objects on another
 * one of its own. Both in one run: compare the columns, not runs. It is the engine alone: what the policies cost is
 * measured by `bench policy-pack`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CommandError } from "../commands/shared";
import { render } from "../components/plan/render";
import { obtain } from "../sandbox/binaries";
import { SandboxHome } from "../sandbox/control-plane";
import { prepareSandbox, removeSandbox } from "../sandbox/sandbox";
import { sandboxConfiguration } from "../sandbox/stack-workspace";
import { readTopology } from "../topology";
import { configurationOf, sizeOf } from "./topologies";

const COLUMNS = [8, 10, 8, 10, 10, 15, 10] as const;
const row = (...values: readonly (string | number)[]): string =>
  values.map((value, index) => String(value).padStart(COLUMNS[index] ?? 8)).join("");

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** A sandbox of its own for `work`, gone after it. */
export async function withHome<T>(name: string, work: (home: SandboxHome) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `kagent-a2a-bench-${name}-`));
  const home = new SandboxHome(join(folder, "sandbox"));
  try {
    return await work(home);
  } finally {
    await removeSandbox({ home }).finally(() => rmSync(folder, { recursive: true, force: true }));
  }
}

async function kubectlApply(kubectl: string, configuration: Record<string, unknown>): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-bench-manifests-"));
  try {
    const files = [...render(readTopology(sandboxConfiguration(configuration)))].filter(([path]) =>
      path.startsWith("manifests/"),
    );
    // Namespaces and admission first: kubectl knows no order of its own.
    const first = /^manifests\/(namespaces|admission)\//;
    for (const [path, text] of files) {
      const file = join(folder, first.test(path) ? "1" : "2", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return await withHome("kubectl", async (home) => {
      const { plane } = await prepareSandbox({ home, configuration });
      return seconds(async () => {
        for (const part of ["1", "2"]) {
          const args = [
            "apply",
            "--server-side",
            "-R",
            "-f",
            join(folder, part),
            "--kubeconfig",
            plane.kubeconfigPath,
          ];
          const { status, stderr } = spawnSync(kubectl, args, { encoding: "utf8", maxBuffer: 1 << 28 });
          if (status !== 0)
            throw new CommandError(`kubectl apply failed:\n${stderr.split("\n").slice(0, 5).join("\n")}`);
        }
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function benchStack(
  tenantCounts: readonly number[],
  write: (line: string) => void,
): Promise<void> {
  const { kubectl } = await obtain(["kubectl"]);
  write(row("tenants", "resources", "up s", "no-op s", "kubectl s", "up / kubectl"));
  for (const tenants of tenantCounts) {
    const configuration = configurationOf(sizeOf(tenants));
    const figures = await withHome("stack", async (home) => {
      const { stack } = await prepareSandbox({ home, configuration });
      let resources = 0;
      const up = await seconds(async () => {
        const { summary } = await stack.up({ suppressOutputs: true });
        resources = summary.resourceChanges?.create ?? 0;
      });
      return { resources, up, noop: await seconds(() => stack.up({ suppressOutputs: true })) };
    });
    const apply = kubectl === undefined ? undefined : await kubectlApply(kubectl.path, configuration);
    write(
      row(
        tenants,
        figures.resources,
        figures.up.toFixed(1),
        figures.noop.toFixed(1),
        apply?.toFixed(1) ?? "-",
        apply === undefined ? "-" : (figures.up / apply).toFixed(1),
      ),
    );
  }
  if (kubectl === undefined)
    write("kubectl is not to be had: put it on the PATH, or name it in KAGENT_A2A_KUBECTL.");
}
