/** What `platform` may not say: values that govern, versions that cannot work, a mesh that closes a model off. */
import * as semver from "semver";
import { CERT_MANAGER_ARGUMENTS } from "./cert-manager";
import { asMap, type Loose } from "./loose";
import { SYSTEM_CHARTS, SYSTEMS, type System } from "./platform";
import { GOVERNED_VALUES } from "./platform-governed";
import type { Problem } from "./problems";
import { showPath } from "./shape";

const isMap = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How much of a path is there: all of it, or up to a value that is no map and so replaces what the stack writes below it. */
function reached(values: Loose, path: readonly string[]): readonly string[] | undefined {
  let at: unknown = values;
  for (const [depth, key] of path.entries()) {
    if (!isMap(at) || !(key in asMap(at))) return undefined;
    at = asMap(at)[key];
    if (!isMap(at)) return path.slice(0, depth + 1);
  }
  return path;
}

function valueProblems(system: System, settings: Loose): Problem[] {
  const problems = new Map<string, Problem>();
  for (const chart of SYSTEM_CHARTS[system])
    for (const { path, instead } of GOVERNED_VALUES[chart]) {
      const found = reached(asMap(asMap(settings.values)[chart]), path);
      if (found === undefined) continue;
      const where = showPath(["platform", system, "values", chart, ...found]);
      problems.set(where, { where, what: "governs and cannot be set here.", fix: instead });
    }
  return [...problems.values()];
}

/** What would be dropped on the way to the chart is not accepted in silence. */
function droppedValues(settings: Loose): Problem[] {
  const values = asMap(asMap(settings.values)["cert-manager"]);
  return Object.entries(values).flatMap(([key, value]) => {
    const known = Object.hasOwn(CERT_MANAGER_ARGUMENTS, key) ? CERT_MANAGER_ARGUMENTS[key] : "any";
    if (known === undefined || known === "any") return [];
    const below = isMap(value) ? Object.keys(asMap(value)).map((inner) => [key, inner]) : [[key]];
    return below
      .filter(([, inner]) => inner === undefined || !known.includes(inner))
      .map((path) => ({
        where: showPath(["platform", "certManager", "values", "cert-manager", ...path]),
        what: "would not reach the chart: @pulumi/kubernetes-cert-manager drops it.",
        fix:
          known.length === 0
            ? "Remove it."
            : `Remove it; what passes below ${key} are ${[...known].sort().join(", ")}.`,
      }));
  });
}

/** Earlier ones lack what the stack's objects are written in. */
const VERSIONS: Partial<Record<System, { readonly range: string; readonly because: string }>> = {
  externalSecrets: { range: ">=0.17.0", because: "earlier ones do not serve external-secrets.io/v1" },
  gatekeeper: { range: ">=3.22.0", because: "earlier ones do not show a rule the object's namespace" },
};

function versionProblems(system: System, { version }: Loose): Problem[] {
  const wanted = VERSIONS[system];
  if (wanted === undefined || typeof version !== "string" || semver.valid(version) === null) return [];
  if (semver.satisfies(version, wanted.range)) return [];
  return [
    {
      where: showPath(["platform", system, "version"]),
      what: `must be in ${wanted.range}: ${wanted.because}.`,
      fix: "Write a later version, or remove it to take the one that is shipped.",
    },
  ];
}

/** Under registry-only the mesh refuses every host that it has no entry for. */
function closedModels(raw: Loose, platform: Loose): Problem[] {
  const { outboundTraffic = "registry-only" } = platform;
  if (outboundTraffic !== "registry-only" || String(asMap(platform.istio).install ?? true) !== "true")
    return [];
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
    ...droppedValues(asMap(platform.certManager)),
    ...closedModels(raw, platform),
  ];
}
