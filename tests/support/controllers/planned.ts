/** The program's own objects on the embedded control plane, one after the other in the plan's order, without an engine. */
import assert from "node:assert/strict";
import { isRelease, replaceEngineValues } from "../../../components/plan/manifest";
import { type PlannedObject, plan } from "../../../components/plan/plan";
import { type PlannedRelease, releases } from "../../../components/platform/index";
import type { Topology } from "../../../topology";
import type { KubeApi, KubeObject } from "../kube-api";
import { eventually } from "../sandbox";
import { annotation, applied } from "./install";

/** Values of the engine become their names: nothing here reads a key or a token. */
export const asApplied = ({ manifest }: PlannedObject): KubeObject =>
  replaceEngineValues(manifest, ({ name }) => name) as KubeObject;

export interface Steps {
  /** Takes the place of a Helm release. */
  readonly install: (release: PlannedRelease) => Promise<void>;
  /** Runs after each object. */
  readonly after: (object: KubeObject) => Promise<void>;
}

/** Applies the plan, and waits where the engine would. */
export async function applyPlan(api: KubeApi, topology: Topology, { install, after }: Steps): Promise<void> {
  const byKey = new Map(releases(topology).map((release) => [release.key, release]));
  for (const planned of plan(topology)) {
    const release = byKey.get(planned.key);
    assert.equal(release !== undefined, isRelease(planned.manifest));
    if (release !== undefined) {
      await install(release);
      continue;
    }
    const object = asApplied(planned);
    await applied(api, object);
    if (annotation(object.metadata, "pulumi.com/waitFor") === "jsonpath={.status.created}=true")
      await created(api, object);
    await after(object);
  }
}

/** Gatekeeper has made the constraint's CRD from its template. */
async function created(api: KubeApi, { apiVersion, kind, metadata: { name } }: KubeObject): Promise<void> {
  await eventually(async () => {
    const { status } = await api.read(apiVersion, kind, name);
    assert.equal(
      (status as { created?: boolean } | undefined)?.created,
      true,
      `${name}: ${JSON.stringify(status)}`,
    );
  }, 60_000);
}
