/** A Helm release as plain data: what a system's file says, completed from the bill of materials and the configuration. */
import {
  type ChartName,
  RELEASE_NAMES,
  SYSTEM_NAMESPACES,
  type System,
  systemOf,
  type Topology,
} from "../../topology/index";
import {
  type ObjectKey,
  type Planned,
  RELEASE_API_VERSION,
  RELEASE_KIND,
  releaseKey,
} from "../plan/manifest";
import { mergeDeep } from "../plan/merge";
import { BILL_OF_MATERIALS } from "./bill-of-materials";

export type Values = Readonly<Record<string, unknown>>;

export interface PlannedRelease {
  readonly key: ObjectKey;
  readonly system: System;
  /** Name of the release. Literal: selectors, principals and ownership contain it. */
  readonly name: string;
  readonly namespace: string;
  readonly chart: ChartName;
  /** `https://...` or `oci://...`, without the chart's name. */
  readonly repository: string;
  readonly version: string;
  readonly values: Values;
  /** For the whole installation, until everything in it is ready. */
  readonly timeoutSeconds: number;
  /** Whether the engine refuses to delete it: users' data would go with it. */
  readonly protect: boolean;
  /** Keys of what must be there first, besides its namespace. */
  readonly after: readonly ObjectKey[];
}

/** What a system's file says about one chart. */
export interface ChartUse {
  readonly chart: ChartName;
  /** Sizes and habits: configuration may say otherwise. */
  readonly suggested?: Values;
  /** What the layers rely on: configuration may not set it (`topology/platform-governed.ts`). */
  readonly governed: Values;
  readonly after?: readonly ObjectKey[];
  readonly protect?: boolean;
}

/** Where the release of a chart stands in a plan, if the stack installs it. */
export const releaseOf = (chart: ChartName): ObjectKey =>
  releaseKey(SYSTEM_NAMESPACES[systemOf(chart)], RELEASE_NAMES[chart]);

/** Images to pull and hooks to run, on a slow network. */
const TIMEOUT_SECONDS = 900;

export function plannedRelease(use: ChartUse, topology: Topology): PlannedRelease {
  const { chart, suggested = {}, governed, after = [], protect = false } = use;
  const { platform } = topology;
  const system = systemOf(chart);
  const bill = BILL_OF_MATERIALS[chart];
  const extra = (platform[system].values as Readonly<Record<string, Values>>)[chart] ?? {};
  return {
    key: releaseOf(chart),
    system,
    name: RELEASE_NAMES[chart],
    namespace: SYSTEM_NAMESPACES[system],
    chart,
    repository: (mirrorOf(system, topology) ?? bill.repository).replace(/\/$/, ""),
    version: versionOf(system, topology) ?? bill.version,
    values: mergeDeep(mergeDeep(suggested, extra), governed) as Values,
    timeoutSeconds: TIMEOUT_SECONDS,
    protect: protect && platform.protect,
    after,
  };
}

/** The gateway is of the same release as istiod unless it says otherwise. */
function mirrorOf(system: System, { platform }: Topology): string | undefined {
  return platform[system].repository ?? (system === "gateway" ? platform.istio.repository : undefined);
}

function versionOf(system: System, { platform, kagent }: Topology): string | undefined {
  if (system === "kagent") return kagent.version;
  return platform[system].version ?? (system === "gateway" ? platform.istio.version : undefined);
}

/** Arguments of a Release as @pulumi/kubernetes 4.34 takes them; the pack's rules read the same. */
export interface ReleaseArguments {
  readonly name: string;
  readonly namespace: string;
  /** Plain name with a classic repository, the whole address with an OCI one. */
  readonly chart: string;
  readonly repositoryOpts?: { readonly repo: string };
  readonly version: string;
  readonly values: Values;
  readonly timeout: number;
  /** False: the stack owns the namespace, with its labels. */
  readonly createNamespace: boolean;
  /** False: what a failed installation left behind says why it failed, and the next `up` goes on from there. */
  readonly atomic: boolean;
}

export function releaseArguments(release: PlannedRelease): ReleaseArguments {
  const { name, namespace, chart, repository, version, values, timeoutSeconds } = release;
  const isOci = repository.startsWith("oci://");
  return {
    name,
    namespace,
    chart: isOci ? `${repository}/${chart}` : chart,
    ...(!isOci && { repositoryOpts: { repo: repository } }),
    version,
    values,
    timeout: timeoutSeconds,
    createNamespace: false,
    atomic: false,
  };
}

export function releaseObject(release: PlannedRelease): Planned {
  const { name, namespace, after, protect } = release;
  return {
    layer: "platform",
    manifest: {
      apiVersion: RELEASE_API_VERSION,
      kind: RELEASE_KIND,
      metadata: { name, namespace },
      ...releaseArguments(release),
    },
    after,
    ...(protect && { protect }),
  };
}
