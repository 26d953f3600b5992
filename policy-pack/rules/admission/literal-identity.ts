import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import * as kinds from "../../reading/kinds";

/** Namespaced kinds that other rules look up by namespace and name. */
const NAMESPACED: readonly (readonly [string, string])[] = [
  [kinds.KAGENT, "Agent"],
  [kinds.KAGENT, "SandboxAgent"],
  [kinds.KAGENT, "AgentHarness"],
  [kinds.KAGENT, "ModelConfig"],
  [kinds.NETWORKING, "NetworkPolicy"],
  [kinds.ISTIO_SECURITY, "PeerAuthentication"],
  [kinds.ISTIO_SECURITY, "AuthorizationPolicy"],
  [kinds.ISTIO_SECURITY, "RequestAuthentication"],
  [kinds.RBAC, "Role"],
  [kinds.RBAC, "RoleBinding"],
  [kinds.CORE, "ServiceAccount"],
  [kinds.CORE, "Secret"],
];
const CLUSTER_WIDE: readonly (readonly [string, string])[] = [
  [kinds.CORE, "Namespace"],
  [kinds.ADMISSION, "ValidatingAdmissionPolicy"],
  [kinds.ADMISSION, "ValidatingAdmissionPolicyBinding"],
];

function* subjects(stack: StackIndex) {
  for (const [group, kind] of NAMESPACED)
    for (const object of stack.of(group, kind)) yield { object, namespaced: true };
  for (const [group, kind] of CLUSTER_WIDE)
    for (const object of stack.of(group, kind)) yield { object, namespaced: false };
  for (const object of stack.objects)
    if (object.kind === "" || object.apiVersion === "") yield { object, namespaced: false };
}

export const literalIdentity = rule({
  name: "admission-literal-identity",
  layer: "admission",
  severity: "high",
  description: "Objects that govern say their apiVersion, kind, name and namespace, literally.",
  why: "Every other rule looks objects up by these: one that cannot be found would pass unseen.",
  remediation: ["Write:", "  metadata: {name: default-deny, namespace: team-alpha}"],
  subjects,
  *check({ object, namespaced }) {
    for (const key of ["apiVersion", "kind"])
      if ((object.at(key).text() ?? "") === "") yield object.at(key).finding("is missing.");
    const metadata = object.at("metadata");
    if ((metadata.at("name").text() ?? "") === "") yield metadata.at("name").finding("is missing.");
    if (namespaced && (metadata.at("namespace").text() ?? "") === "")
      yield metadata.at("namespace").finding("is missing.");
  },
});
