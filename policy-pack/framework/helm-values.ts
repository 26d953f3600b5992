/** Helm values in a folder of manifests, headed by the command that installs them: a release, held to the rules like any other. */

const COMMAND = /^# helm upgrade --install (?<name>[^\s-]\S*) (?<chart>[^\s-]\S*)(?<options>( .*)?)$/;

/** @returns the value after `--name`, without the quotes of a shell, which no value here needs */
const option = (options: string, name: string): string | undefined =>
  new RegExp(`(?:^|\\s)--${name}[ =](\\S+)`).exec(options)?.[1];

/**
 * The release that a file of values is for, in the shape of a `Release` of @pulumi/kubernetes 4.34.
 * @param text the whole file: its first line is the command, as `npm run render` writes it
 * @returns undefined for every other file, and for an object: whatever stands above it, kubectl would apply it
 */
export function releaseOf(text: string, values: object): object | undefined {
  const found = COMMAND.exec(text.split(/\r?\n/, 1)[0] ?? "")?.groups;
  if (found === undefined || "kind" in values || "apiVersion" in values) return undefined;
  const { name, chart, options = "" } = found;
  const [namespace, version, repo] = ["namespace", "version", "repo"].map((key) => option(options, key));
  const seconds = /^(\d+)s$/.exec(option(options, "timeout") ?? "")?.[1];
  return {
    apiVersion: "helm.sh/v3",
    kind: "Release",
    metadata: { name, namespace },
    name,
    namespace,
    chart,
    ...(repo !== undefined && { repositoryOpts: { repo } }),
    version,
    values,
    createNamespace: /(^|\s)--create-namespace\b/.test(options),
    atomic: /(^|\s)--(atomic|rollback-on-failure)\b/.test(options),
    ...(seconds !== undefined && { timeout: Number(seconds) }),
  };
}
