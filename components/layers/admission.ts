/** Admission layer: what the API server refuses. One CEL source, two engines. */
import type { Topology } from "../../topology/index";
import { type Manifest, objectKey, type Planned } from "../plan/manifest";
import { agentsPolicy } from "./admission/agents";
import { gatekeeperPolicy } from "./admission/gatekeeper";
import { modelConfigsPolicy } from "./admission/model-configs";
import { namespacesPolicy } from "./admission/namespaces";
import { nativePolicy } from "./admission/native";
import { type AdmissionPolicy, exceptPreviews } from "./admission/policy";

export function admissionPolicies(topology: Topology): AdmissionPolicy[] {
  return [agentsPolicy(topology), modelConfigsPolicy(topology), namespacesPolicy(topology)].map(
    exceptPreviews,
  );
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
