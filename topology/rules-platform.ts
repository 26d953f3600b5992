/** What `platform` may not say: values that govern, versions that cannot work, a mesh that closes a model off. */
import * as semver from "semver";
import { reachesCertManager } from "./cert-manager";
import { KAGENT_VERSION_RANGE } from "./kagent";
import { asMap, isMap, type Loose } from "./loose";
import { type ChartName, SYSTEM_CHARTS, SYSTEMS, type System } from "./platform";
import { GOVERNED_VALUES, type GovernedValue } from "./platform-governed";
import { imageTags, isBelow, isTunable, tunablePaths } from "./platform-tunable";
import type { Problem } from "./problems";
import { showPath } from "./shape";

interface Refused {
  readonly path: readonly string[];
  readonly governed?: GovernedValue | undefined;
}

/** Paths of a chart's values that configuration may not set, as high up as that is certain. */
function refused(chart: ChartName, values: Loose, path: readonly string[] = []): Refused[] {
  return Object.entries(values).flatMap(([key, value]): Refused[] => {
    const here = [...path, key];
    if (isTunable(chart, here)) return [];
    const governed = GOVERNED_VALUES[chart].find((one) => isBelow(here, one.path));
    if (governed !== undefined) return [{ path: here, governed }];
    const below = GOVERNED_VALUES[chart].find((one) => isBelow(one.path, here));
    if (below === undefined && !tunablePaths(chart).some((tunable) => isBelow(tunable, here)))
      return [{ path: here }];
    // What is no map would replace everything below.
    return isMap(value) ? refused(chart, asMap(value), here) : [{ path: here, governed: below }];
  });
}

function sentenceOf(chart: ChartName, { path, governed }: Refused): Pick<Problem, "what" | "fix"> {
  if (governed !== undefined) return { what: "governs and cannot be set here.", fix: governed.instead };
  return {
    // What would be dropped on the way to the chart is not accepted in silence.
    what:
      chart === "cert-manager" && !reachesCertManager(path)
        ? "would not reach the chart: @pulumi/kubernetes-cert-manager drops it."
        : "is not among the values that configuration may set.",
    fix: `Remove it; docs/configuration.md lists what may be set of chart ${chart}.`,
  };
}

function valueProblems(system: System, settings: Loose): Problem[] {
  return SYSTEM_CHARTS[system].flatMap((chart) => {
    const values = asMap(asMap(settings.values)[chart]);
    const where = (path: readonly string[]) => showPath(["platform", system, "values", chart, ...path]);
    return [
      ...refused(chart, values).map((found) => ({ where: where(found.path), ...sentenceOf(chart, found) })),
      ...imageTags(chart).flatMap((path) => tagProblem(system, where(path), valueAt(values, path))),
    ];
  });
}

const valueAt = (values: Loose, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => asMap(at)[key], values);

/** The tag of an image says what runs, whatever version the chart has. */
function tagProblem(system: System, where: string, tag: unknown): Problem[] {
  if (tag === undefined || tag === "") return [];
  const { range, because } = VERSIONS[system];
  const [, version] = /^v?(\d+\.\d+\.\d+)(?![.\d])/.exec(String(tag)) ?? [];
  if (version !== undefined && semver.satisfies(version, range)) return [];
  return [
    {
      where,
      what:
        version === undefined
          ? "does not begin with a version."
          : `must be of a version in ${range}: ${because}.`,
      fix: "Remove it; the chart's version is the images' too. A mirror needs only their registry or repository.",
    },
  ];
}

const ISTIO = {
  range: ">=1.31.0",
  because:
    "what the layers ask of sidecars, gateway and tokens was measured with 1.31, and with no earlier line",
};
/** Earlier ones lack what the stack's objects and values are written in. */
const VERSIONS: Readonly<Record<System, { readonly range: string; readonly because: string }>> = {
  certManager: {
    range: ">=1.21.0",
    because:
      "the chain of the mesh's authority was measured with 1.21, which the project supports on Kubernetes 1.33 to 1.36",
  },
  externalSecrets: {
    range: ">=2.5.0",
    because:
      "earlier charts know no rbac.serviceAccountTokenCreate, and let the operator mint tokens of every account",
  },
  gatekeeper: { range: ">=3.22.0", because: "earlier ones do not show a rule the object's namespace" },
  istio: ISTIO,
  gateway: ISTIO,
  kagent: { range: KAGENT_VERSION_RANGE, because: "later lines have no Agent that could be governed" },
};

function versionProblems(system: System, { version }: Loose): Problem[] {
  const wanted = VERSIONS[system];
  // That of kagent is `kagent.version`.
  if (system === "kagent" || typeof version !== "string" || semver.valid(version) === null) return [];
  if (semver.satisfies(version, wanted.range)) return [];
  return [
    {
      where: showPath(["platform", system, "version"]),
      what: `must be in ${wanted.range}: ${wanted.because}.`,
      fix: "Write a later version, or remove it to take the one that is shipped.",
    },
  ];
}

/** Under registry-only the mesh refuses every host that it has no entry for; one that is there already must be so, too. */
function closedModels(raw: Loose, platform: Loose): Problem[] {
  const { outboundTraffic = "registry-only" } = platform;
  if (outboundTraffic !== "registry-only") return [];
  const models = asMap(raw.models);
  const used = new Set(Object.values(asMap(raw.agents)).map((agent) => asMap(agent).model));
  return Object.keys(models)
    .filter((name) => used.has(name))
    .flatMap((name) => {
      const { hosts, pods } = asMap(asMap(models[name]).egress);
      if ((Array.isArray(hosts) && hosts.length > 0) || pods !== undefined) return [];
      return [
        {
          where: showPath(["models", name, "egress"]),
          what: "names no host, and with platform.outboundTraffic registry-only the mesh lets nobody reach the model.",
          fix: "Add egress.hosts, or set platform.outboundTraffic to any.",
        },
      ];
    });
}

export function platformProblems(raw: Loose): Problem[] {
  const platform = asMap(raw.platform);
  return [
    ...SYSTEMS.flatMap((system) => {
      const settings = asMap(platform[system]);
      return [...valueProblems(system, settings), ...versionProblems(system, settings)];
    }),
    ...closedModels(raw, platform),
  ];
}
