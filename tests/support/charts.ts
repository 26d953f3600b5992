/**
 * The platform's charts as their projects publish them in their Go modules, whose hashes `sandbox/builds/charts/go.sum`
 * pins, and a real helm that renders them. The charts of kagent and External Secrets are in no module.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments, stringify } from "yaml";
import { obtain } from "../../sandbox/binaries";
import { versions } from "../../sandbox/versions";
import { UserError } from "../../system/errors";
import { run } from "../../system/run";
import type { KubeObject } from "./kube-api";

const modules = join(__dirname, "../../sandbox/builds");
const ISTIO = "istio.io/istio";

/** Istio's charts move what stands below this key to the top before they use it. */
const ISTIO_DEFAULTS = "_internal_defaults_do_not_set";

interface Source {
  readonly module: string;
  readonly folder: string;
}

/** By the name in the chart's own Chart.yaml. */
const sources = {
  base: { module: ISTIO, folder: "manifests/charts/base" },
  istiod: { module: ISTIO, folder: "manifests/charts/istio-control/istio-discovery" },
  cni: { module: ISTIO, folder: "manifests/charts/istio-cni" },
  gateway: { module: ISTIO, folder: "manifests/charts/gateway" },
  gatekeeper: { module: "github.com/open-policy-agent/gatekeeper/v3", folder: "charts/gatekeeper" },
  "cert-manager": { module: "github.com/cert-manager/cert-manager", folder: "deploy/charts/cert-manager" },
} as const satisfies Record<string, Source>;

export type ChartName = keyof typeof sources;
export const chartNames = Object.keys(sources) as ChartName[];

export type Values = Readonly<Record<string, unknown>>;

export interface Release {
  readonly chart: ChartName;
  /** Exact version, as the chart is published under; Istio's and cert-manager's sources leave it open. */
  readonly version: string;
  readonly name: string;
  readonly namespace: string;
  readonly values: Values;
}

/** Folders of the charts, and helm. Its own settings and repositories of the user are not read. */
export class Charts {
  private constructor(
    private readonly helm: string,
    private readonly folders: ReadonlyMap<ChartName, string>,
    private readonly scratch: string,
  ) {}

  private files = 0;
  private readonly archives = new Map<string, Promise<string>>();

  /** May take minutes: a machine that reaches no download of helm builds it first. */
  static async load(): Promise<Charts> {
    const { helm } = await obtain(["helm"]);
    const folders = new Map<ChartName, string>();
    const downloads = new Map<string, Promise<string>>();
    for (const name of chartNames) {
      const { module, folder } = sources[name];
      const downloading = downloads.get(module) ?? moduleFolder(module);
      downloads.set(module, downloading);
      folders.set(name, join(await downloading, folder));
    }
    return new Charts(helm.path, folders, mkdtempSync(join(tmpdir(), "kagent-a2a-charts-")));
  }

  folder(chart: ChartName): string {
    const folder = this.folders.get(chart);
    assert.ok(folder, chart);
    return folder;
  }

  /** What helm would send to the API server, hooks and CRDs included. Fails as helm does when it refuses the values. */
  async render({ chart, version, name, namespace, values }: Release): Promise<KubeObject[]> {
    return parseAllDocuments(await this.text({ chart, version, name, namespace, values }))
      .map((document) => document.toJS() as KubeObject | null)
      .filter((object) => object !== null);
  }

  /** The same as helm prints it. */
  async text({ chart, version, name, namespace, values }: Release): Promise<string> {
    const key = `${chart}-${version}`;
    const packaging = this.archives.get(key) ?? this.packaged(chart, version);
    this.archives.set(key, packaging);
    const file = join(this.scratch, `values-${this.files++}.yaml`);
    // helm reads YAML 1.1.
    writeFileSync(file, stringify(values, { compat: "yaml-1.1" }));
    return this.run(
      ...["template", name, await packaging, "--namespace", namespace, "--values", file, "--include-crds"],
      ...["--kube-version", versions.kubernetes],
    );
  }

  /** What the chart's values.yaml says, without the folder that Istio's charts keep theirs in. */
  defaults(chart: ChartName): Values {
    const values = parse(readFileSync(join(this.folder(chart), "values.yaml"), "utf8")) as Values;
    return (values[ISTIO_DEFAULTS] as Values | undefined) ?? values;
  }

  remove(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }

  /** As its project releases it: the sources carry a placeholder for the version. */
  private async packaged(chart: ChartName, version: string): Promise<string> {
    const appVersion = chart === "cert-manager" ? `v${version.replace(/^v/, "")}` : version;
    await this.run(
      ...["package", this.folder(chart), "--version", version, "--app-version", appVersion],
      ...["--destination", this.scratch],
    );
    return join(this.scratch, `${chart}-${version}.tgz`);
  }

  private async run(...args: string[]): Promise<string> {
    const home = {
      HELM_CACHE_HOME: this.scratch,
      HELM_CONFIG_HOME: this.scratch,
      HELM_DATA_HOME: this.scratch,
    };
    const env = { PATH: process.env.PATH, ...home };
    const { stdout } = await promisify(execFile)(this.helm, args, { env, maxBuffer: 64 * 1_048_576 });
    return stdout;
  }
}

/** Folder of a module in the module cache, as a module file of `sandbox/builds` pins it; downloaded when it is not there. */
export async function moduleFolder(module: string, pinnedBy = "charts"): Promise<string> {
  const { code, output } = await run("go", ["mod", "download", "-json", module], {
    cwd: join(modules, pinnedBy),
    env: { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off" },
  });
  if (code === undefined) throw new UserError(`The module ${module} is downloaded by Go, and there is none.`);
  assert.equal(code, 0, `"go mod download ${module}": ${output}`);
  const { Dir } = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1)) as {
    Dir: string;
  };
  return Dir;
}
