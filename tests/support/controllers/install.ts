/** Puts objects on the embedded control plane in the order in which they need each other. */
import assert from "node:assert/strict";
import type { KubeApi, KubeObject } from "../kube-api";
import { eventually } from "../sandbox";

const FIRST = ["Namespace", "CustomResourceDefinition", "ServiceAccount", "ClusterRole", "Role"];

/** What helm leaves on the cluster: no hooks. Pods never run there, so nothing waits for them. */
export async function installChart(api: KubeApi, rendered: readonly KubeObject[]): Promise<void> {
  const objects = rendered.filter(({ metadata }) => annotation(metadata, "helm.sh/hook") === undefined);
  const rank = ({ kind }: KubeObject) => (FIRST.indexOf(kind) + FIRST.length + 1) % (FIRST.length + 1);
  for (const object of [...objects].sort((one, other) => rank(one) - rank(other))) await applied(api, object);
}

/** Applies one object, and again while the API server does not serve its kind yet. */
export async function applied(api: KubeApi, object: KubeObject): Promise<void> {
  await eventually(async () => {
    const { message } = await api.apply(object);
    assert.equal(message, "", `${object.kind} ${object.metadata.name}: ${message}`);
  });
}

export function annotation(metadata: KubeObject["metadata"], key: string): string | undefined {
  return (metadata.annotations as Record<string, string> | undefined)?.[key];
}
