/** The plan as YAML files. Needs no cluster, engine or network; the same configuration gives the same bytes. */
import { stringify } from "yaml";
import type { Topology } from "../../topology/index";
import { auditPolicy } from "../layers/audit";
import { auditInstructions } from "../layers/audit-instructions";
import { type PlannedRelease, releases } from "../platform/index";
import { isRelease, replaceEngineValues } from "./manifest";
import { type PlannedObject, plan } from "./plan";

/** Stands where a value is that only the engine knows, and names it. */
export const engineMarker = (name: string): string => `<known to the engine only: ${name}>`;

/** File of what serves all tenants. No tenant can have this name. */
const FOR_ALL = "_all";

/** For kubectl and helm, which read YAML 1.1: there an unquoted `yes` or `on` is no text. */
const yaml = (value: unknown): string =>
  stringify(value, {
    sortMapEntries: true,
    lineWidth: 0,
    aliasDuplicateObjects: false,
    compat: "yaml-1.1",
  });

/** By key, but a namespace before what is in it, so that a file can be applied as it stands. */
function namespacesFirst(a: PlannedObject, b: PlannedObject): number {
  const rank = ({ manifest }: PlannedObject) => (manifest.kind === "Namespace" ? 0 : 1);
  return rank(a) - rank(b) || (a.key < b.key ? -1 : 1);
}

/** The values of a release, below the command that installs it. */
function releaseFile(release: PlannedRelease): string {
  const { name, namespace, chart, repository, version, values, timeoutSeconds } = release;
  const source = repository.startsWith("oci://") ? `${repository}/${chart}` : `${chart} --repo ${repository}`;
  const command = `helm upgrade --install ${name} ${source} --version ${version} --namespace ${namespace} --wait --timeout ${timeoutSeconds}s --values ${name}.yaml`;
  return `# ${command}\n${yaml(values)}`;
}

/** Texts by path, relative to the output folder, in order. */
export function render(topology: Topology): Map<string, string> {
  const files = new Map<string, PlannedObject[]>();
  for (const planned of plan(topology)) {
    if (isRelease(planned.manifest)) continue;
    const path = `manifests/${planned.layer}/${planned.tenant ?? FOR_ALL}.yaml`;
    files.set(path, [...(files.get(path) ?? []), planned]);
  }
  const manifests = [...files].map(([path, objects]): [string, string] => {
    const documents = objects
      .sort(namespacesFirst)
      .map(({ manifest }) => `---\n${yaml(replaceEngineValues(manifest, ({ name }) => engineMarker(name)))}`);
    return [path, documents.join("")];
  });
  return new Map(
    [
      ...manifests,
      ...releases(topology).map((release): [string, string] => [
        `releases/${release.name}.yaml`,
        releaseFile(release),
      ]),
      ["audit/policy.yaml", yaml(auditPolicy(topology))] as const,
      ["audit/README.md", auditInstructions(topology.cluster)] as const,
    ].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
