/**
 * The provider's own configuration.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (CheckConfig, DiffConfig, Configure).
 */
import type { CheckResult, DiffResult, PropertyChange } from "../rpc/plugin";
import { type JsonObject, plain, UNKNOWN } from "../rpc/values";
import { Cluster } from "./cluster";
import { activeCluster, type Choice, connectionFrom } from "./kubeconfig";
import type { Mutability } from "./replace-fields";

const PREFIX = "kubernetes:config:";

/** Options of the official provider that this one does not have; ignoring them would deploy something else. */
const NOT_SERVED = ["renderYamlToDirectory", "alwaysRender", "skipUpdateUnreachable"];

export interface Settings {
  mutable: Mutability;
  forcePatches: boolean;
  /** Creating an object that exists changes it instead of failing. */
  upsert: boolean;
  /** Resources of a cluster that is gone are dropped from the state instead of failing. */
  deleteUnreachable: boolean;
  namespace: string | undefined;
  /** The reason is kept until something needs the cluster: a preview of nothing needs none. */
  cluster: Cluster | { unreachable: string };
}

export function settingsFrom(variables: Map<string, string>): Settings {
  const value = (name: string) => variables.get(`${PREFIX}${name}`) || undefined;
  const flag = (name: string, variable: string) => (value(name) ?? process.env[variable]) === "true";
  let cluster: Settings["cluster"];
  try {
    cluster = new Cluster(
      connectionFrom({
        kubeconfig: value("kubeconfig"),
        context: value("context"),
        cluster: value("cluster"),
      }),
    );
  } catch (error) {
    cluster = { unreachable: error instanceof Error ? error.message : String(error) };
  }
  return {
    cluster,
    mutable: {
      configMaps: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
      secrets: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    },
    forcePatches: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsert: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    namespace: value("namespace"),
  };
}

export function checkSettings(news: JsonObject): CheckResult {
  const given = plain(news);
  const failures = NOT_SERVED.filter(
    (name) => ![undefined, "", "false", false].includes(given[name] as string),
  ).map((property) => ({ property, reason: `the sandbox's offline provider has no "${property}"` }));
  if (String(given.enableServerSideApply ?? "true") === "false") {
    const reason = "the sandbox's offline provider always uses server-side apply";
    failures.push({ property: "enableServerSideApply", reason });
  }
  return { inputs: news, failures };
}

/** Another cluster means other objects: everything is replaced. Anything else is a setting. */
export function diffSettings(olds: JsonObject, news: JsonObject): DiffResult {
  const [before, after] = [plain(olds), plain(news)];
  const moved = movedCluster(before, after);
  const changes = new Map<string, PropertyChange>();
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (key === "version" || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue;
    const kind = before[key] === undefined ? "add" : after[key] === undefined ? "delete" : "update";
    const identifies = key === "kubeconfig" || key === "context" || key === "cluster";
    changes.set(key, { kind, replace: moved && (identifies || key === "clusterIdentifier") });
  }
  return { changes, deleteBeforeReplace: false };
}

function movedCluster(before: JsonObject, after: JsonObject): boolean {
  if (before.clusterIdentifier !== undefined && after.clusterIdentifier !== undefined) {
    return before.clusterIdentifier !== after.clusterIdentifier;
  }
  if ([after.kubeconfig, after.context, after.cluster].includes(UNKNOWN)) return true;
  const choice = (config: JsonObject): Choice => ({
    kubeconfig: text(config.kubeconfig),
    context: text(config.context),
    cluster: text(config.cluster),
  });
  const [left, right] = [activeCluster(choice(before)), activeCluster(choice(after))];
  return left !== undefined && right !== undefined && JSON.stringify(left) !== JSON.stringify(right);
}

function text(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
