/** A Helm release as plain data: what a system's file says, completed from the bill of materials and the configuration. */
import { type ChartName, SYSTEM_NAMESPACES, type System, type Topology } from "../../topology/index";
import type { ObjectKey } from "../plan/manifest";
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

export const RELEASE_API_VERSION = "helm.sh/v3";

export const releaseKey = (namespace: string, name: string): ObjectKey =>
  [RELEASE_API_VERSION, "Release", namespace, name].join("/");

/** What a system's file says about one chart. */
export interface ChartUse {
  readonly system: System;
  readonly chart: ChartName;
  /** Name of the release. */
  readonly name: string;
  /** Sizes and habits: configuration may say otherwise. */
  readonly suggested?: Values;
  /** What the layers rely on: configuration may not set it (`topology/platform-governed.ts`). */
  readonly governed: Values;
  readonly after?: readonly ObjectKey[];
  readonly protect?: boolean;
}

/** Images to pull and hooks to run, on a slow network. */
const TIMEOUT_SECONDS = 900;

export function plannedRelease(use: ChartUse, topology: Topology): PlannedRelease {
  const { system, chart, name, suggested = {}, governed, after = [], protect = false } = use;
  const { platform } = topology;
  const bill = BILL_OF_MATERIALS[chart];
  const extra = (platform[system].values as Readonly<Record<string, Values>>)[chart] ?? {};
  const namespace = SYSTEM_NAMESPACES[system];
  return {
    key: releaseKey(namespace, name),
    system,
    name,
    namespace,
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
