import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import * as kinds from "../../reading/kinds";

/** Namespaced kinds that other rules look up by namespace and name. */
const NAMESPACED: readonly (readonly [group: string, ...kinds: string[]])[] = [
  [kinds.KAGENT, "Agent", "SandboxAgent", "AgentHarness", "ModelConfig"],
  [kinds.NETWORKING, "NetworkPolicy", "Ingress"],
  [kinds.CILIUM, "CiliumNetworkPolicy"],
  ...kinds.CALICO.map((group) => [group, "NetworkPolicy"] as const),
  [kinds.ISTIO_SECURITY, "PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"],
  [
    kinds.ISTIO_NETWORKING,
    ...["DestinationRule", "Gateway", "ServiceEntry", "VirtualService"],
    ...["EnvoyFilter", "ProxyConfig", "Sidecar", "WorkloadEntry", "WorkloadGroup"],
  ],
  [kinds.ISTIO_EXTENSIONS, "WasmPlugin"],
  [kinds.RBAC, "Role", "RoleBinding"],
  [
    kinds.CORE,
    "LimitRange",
    "Pod",
    "ReplicationController",
    "ResourceQuota",
    "Secret",
    "Service",
    "ServiceAccount",
  ],
  [kinds.APPS, "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
  [kinds.BATCH, "CronJob", "Job"],
  [kinds.GATEWAY_API, "Gateway", "GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"],
  [kinds.EXTERNAL_SECRETS, "ExternalSecret", "PushSecret", "SecretStore"],
  [kinds.CERT_MANAGER, "Certificate", "Issuer"],
];
const CLUSTER_WIDE: readonly (readonly [group: string, ...kinds: string[]])[] = [
  [kinds.CORE, "Namespace"],
  [kinds.RBAC, "ClusterRole", "ClusterRoleBinding"],
  [kinds.ADMISSION, "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  [kinds.CERT_MANAGER, "ClusterIssuer"],
];

const namesOf = (list: typeof NAMESPACED): ReadonlySet<string> =>
  new Set(list.flatMap(([group, ...kinds]) => kinds.map((kind) => `${group}/${kind}`)));
const [IN_NAMESPACE, WITHOUT] = [namesOf(NAMESPACED), namesOf(CLUSTER_WIDE)];

function* subjects(stack: StackIndex) {
  for (const object of stack.objects) {
    const name = `${object.group}/${object.kind}`;
    const namespaced = IN_NAMESPACE.has(name);
    if (namespaced || WITHOUT.has(name) || object.kind === "" || object.apiVersion === "")
      yield { object, namespaced };
  }
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
