/** Admission layer: what the API server refuses. One CEL source, two engines. */
import type { Topology } from "../../topology/index.js";
import { type Manifest, objectKey, type Planned } from "../plan/manifest.js";
import { agentsPolicy } from "./admission/agents.js";
import { gatekeeperPolicy } from "./admission/gatekeeper.js";
import { modelConfigsPolicy } from "./admission/model-configs.js";
import { namespacesPolicy } from "./admission/namespaces.js";
import { nativePolicy } from "./admission/native.js";
import type { AdmissionPolicy } from "./admission/policy.js";

export function admissionPolicies(topology: Topology): AdmissionPolicy[] {
  return [agentsPolicy(topology), modelConfigsPolicy(topology), namespacesPolicy(topology)];
}

export function admission(topology: Topology): Planned[] {
  const engine: (policy: AdmissionPolicy) => [Manifest, Manifest] =
    topology.admission === "native" ? nativePolicy : gatekeeperPolicy;
  return admissionPolicies(topology).flatMap((policy): Planned[] => {
    const [rule, inForce] = engine(policy);
    return [
      { layer: "admission", manifest: rule },
      { layer: "admission", manifest: inForce, after: [objectKey(rule)] },
    ];
  });
}
