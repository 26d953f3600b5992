import type * as pulumi from "@pulumi/pulumi";
import type { Layer } from "../plan/manifest";
import type { PlannedObject } from "../plan/plan";
import { admissionPatience } from "./admission-patience";
import { ManifestGroup, type Registration } from "./layer";
import type { EngineValues } from "./values";

/** Groups that serve the whole stack, by layer. Everything else belongs to a tenant. */
const LAYER_GROUPS: Partial<Record<Layer, string>> = {
  admission: "kagent-a2a:layers:Admission",
  network: "kagent-a2a:layers:Network",
  identity: "kagent-a2a:layers:Identity",
  token: "kagent-a2a:layers:Token",
};
const TENANT_GROUP = "kagent-a2a:tenants:Tenant";
const PLATFORM_GROUP = "kagent-a2a:platform:Platform";

/** Registers a plan in its order, below `parent`: one component per layer, one per tenant, one for the platform. */
export function registerPlan(
  objects: readonly PlannedObject[],
  {
    provider,
    values,
    parent,
  }: { provider: pulumi.ProviderResource; values: EngineValues; parent: pulumi.Resource },
): void {
  const registration: Registration = {
    provider,
    values,
    registered: new Map(),
    patience: admissionPatience(),
  };
  const groups = new Map<string, ManifestGroup>();
  const group = (name: string, type: string): ManifestGroup => {
    // A tenant may be called like a layer.
    const known = groups.get(`${type}/${name}`);
    if (known !== undefined) return known;
    const made = new ManifestGroup(name, { type, registration }, { parent });
    groups.set(`${type}/${name}`, made);
    return made;
  };
  for (const planned of objects) {
    const layerType = LAYER_GROUPS[planned.layer];
    const home =
      layerType !== undefined
        ? group(planned.layer, layerType)
        : planned.tenant !== undefined
          ? group(planned.tenant, TENANT_GROUP)
          : group("platform", PLATFORM_GROUP);
    home.add(planned);
  }
  for (const made of groups.values()) made.finish();
}
