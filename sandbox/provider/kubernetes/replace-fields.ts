/**
 * The fields that an API server does not let change: changing one replaces the object.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/diff.go (forceNew); the same table, without Pods.
 */
import { isObject, type Json } from "../rpc/values";
import type { Change, Path } from "./diff";
import { groupOf, isSecretKind, kindOf, type Manifest } from "./manifest";

const IDENTITY = ["metadata.name", "metadata.namespace"];

const FIELDS: Record<string, string[]> = {
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/ResourceQuota": ["spec.scopes"],
  "/Secret": ["type"],
  "/Service": ["spec.clusterIP"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/Deployment": ["spec.selector"],
  "apps/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/** Provider options: without them a change of contents replaces the object, so that its readers are rolled. */
export interface Mutability {
  configMaps: boolean;
  secrets: boolean;
}

export function replaceFields(manifest: Manifest, mutable: Mutability): string[] {
  const frozen = manifest.immutable === true;
  if (isSecretKind(manifest) && (frozen || !mutable.secrets))
    return [...IDENTITY, "type", "stringData", "data"];
  if (kindOf(manifest) === "ConfigMap" && groupOf(manifest) === "" && (frozen || !mutable.configMaps)) {
    return [...IDENTITY, "binaryData", "data"];
  }
  return [...IDENTITY, ...(FIELDS[`${groupOf(manifest)}/${kindOf(manifest)}`] ?? [])];
}

export function replaces(change: Change, fields: string[]): boolean {
  // An object without identity is another object.
  if (change.kind === "delete" && change.path.length === 1 && change.path[0] === "metadata") return true;
  return fields.some((field) => touches(change, field.split(".")));
}

/** At or below the field, or above it with a value that holds the field. */
function touches({ path, value }: Change, field: string[]): boolean {
  const shared = Math.min(path.length, field.length);
  if (!field.slice(0, shared).every((key, index) => path[index] === key)) return false;
  return path.length >= field.length || holds(value, field.slice(path.length));
}

function holds(value: Json | undefined, path: Path): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined;
  return isObject(value) && holds(value[key], rest);
}
