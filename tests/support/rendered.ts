/** All that helm makes of a stack's releases, to be asked questions. */
import assert from "node:assert/strict";
import { type PlannedRelease, releases } from "../../components/platform/index";
import type { Topology } from "../../topology";
import type { Doc } from "../../verify/static/objects";
import { type Charts, chartNames, type Release } from "./charts";

/** Whether this project can get the chart without its repository. */
export const isRendered = (release: PlannedRelease): release is PlannedRelease & Release =>
  (chartNames as readonly string[]).includes(release.chart);

const WORKLOADS = ["Deployment", "DaemonSet", "StatefulSet", "Job"];

/** A pod as a workload would make it. */
export interface RenderedPod {
  readonly chart: string;
  readonly workload: Doc;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Doc;
}

export class Rendered {
  private constructor(
    private readonly byChart: ReadonlyMap<string, readonly Doc[]>,
    private readonly namespaces: ReadonlyMap<string, string>,
  ) {}

  static of(charts: Charts, topology: Topology): Promise<Rendered> {
    return Rendered.ofReleases(charts, releases(topology).filter(isRendered));
  }

  static async ofReleases(charts: Charts, wanted: readonly Release[]): Promise<Rendered> {
    const byChart = new Map<string, readonly Doc[]>();
    const namespaces = new Map<string, string>();
    for (const release of wanted) {
      byChart.set(release.chart, await charts.render(release));
      namespaces.set(release.chart, release.namespace);
    }
    return new Rendered(byChart, namespaces);
  }

  chart(name: string): readonly Doc[] {
    return this.byChart.get(name) ?? assert.fail(`no release of chart ${name}`);
  }

  get all(): readonly Doc[] {
    return [...this.byChart.values()].flat();
  }

  /** One object of a chart, which must be there. */
  one(chart: string, kind: string, name: string): Doc {
    const found = this.chart(chart).find((object) => object.kind === kind && object.metadata.name === name);
    return found ?? assert.fail(`chart ${chart} renders no ${kind} ${name}`);
  }

  get pods(): readonly RenderedPod[] {
    return [...this.byChart].flatMap(([chart, objects]) =>
      objects
        .filter(({ kind }) => WORKLOADS.includes(kind))
        .map((workload) => ({
          chart,
          workload,
          // helm puts an object that names none into the release's.
          namespace: workload.metadata.namespace ?? this.namespaces.get(chart),
          labels: workload.spec.template.metadata?.labels ?? {},
          annotations: workload.spec.template.metadata?.annotations ?? {},
          spec: workload.spec.template.spec,
        })),
    );
  }
}
