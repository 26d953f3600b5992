/** Resource types of the package `kubernetes`, as they stand in a URN. */
import { NotServedError } from "../rpc/plugin";

export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

export function resourceName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/**
 * `kubernetes:core/v1:Secret` is kind Secret of `v1`. Everything that is no single Kubernetes object is refused.
 */
export function kindOfType(type: string): { apiVersion: string; kind: string } {
  const [, module = "", kind = ""] = type.split(":");
  if (module.startsWith("helm.sh/")) throw new NotServedError("Helm releases and charts");
  if (/^(yaml|kustomize)\//.test(module)) throw new NotServedError(`resources of type ${type}`);
  if (!module.includes("/")) throw new NotServedError(`resources of type ${type}`);
  return { apiVersion: module.replace(/^core\//, ""), kind };
}

/** Patch resources share a type with the kind they patch, save for the ending. */
export function refuseUnserved(type: string, kindGiven: string): void {
  const { kind } = kindOfType(type);
  if (kind === `${kindGiven}Patch`) throw new NotServedError(`Patch resources such as ${kind}`);
  if (kind.endsWith("List") && kindGiven === kind) throw new NotServedError(`lists such as ${kind}`);
}
