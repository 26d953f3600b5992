/**
 * Audit layer: an audit policy for kube-apiserver (`audit.k8s.io/v1`). It is a file of the API server and never applied through
 * the API. The first rule that matches decides, so secrets and minted tokens come before everything that logs bodies.
 */
import { kagent, type Topology } from "../../topology/index";

export interface AuditRule {
  readonly level: "None" | "Metadata" | "Request" | "RequestResponse";
  readonly [field: string]: unknown;
}
export interface AuditPolicy {
  readonly apiVersion: "audit.k8s.io/v1";
  readonly kind: "Policy";
  readonly omitStages: readonly string[];
  readonly omitManagedFields: boolean;
  readonly rules: readonly AuditRule[];
}

const WRITES = ["create", "update", "patch", "delete", "deletecollection"];

export function auditPolicy({ tenants }: Topology): AuditPolicy {
  const governed = [kagent.KAGENT_NAMESPACE, ...tenants.map(({ name }) => name)];
  return {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    omitManagedFields: true,
    rules: [
      // Who touched a credential, never the credential: a body would put secrets and minted tokens into the log.
      {
        level: "Metadata",
        resources: [
          { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
          { group: "authentication.k8s.io", resources: ["tokenreviews", "tokenrequests"] },
        ],
      },
      // Delegations as they are written: the whole Agent, with the answer.
      {
        level: "RequestResponse",
        verbs: WRITES,
        resources: [{ group: kagent.KAGENT_API_GROUP }],
      },
      { level: "Metadata", resources: [{ group: kagent.KAGENT_API_GROUP }] },
      // Everything that governs: what was changed, by whom, and to what.
      {
        level: "RequestResponse",
        verbs: WRITES,
        resources: [
          { group: "", resources: ["namespaces", "serviceaccounts", "resourcequotas", "limitranges"] },
          { group: "networking.k8s.io", resources: ["networkpolicies"] },
          { group: "policy.networking.k8s.io" },
          // Of network plugins policies alone: what else their agents write of nodes and pods would be most of the log.
          { group: "cilium.io", resources: ["ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"] },
          ...["crd.projectcalico.org", "projectcalico.org"].map((group) => ({
            group,
            resources: ["networkpolicies", "globalnetworkpolicies"],
          })),
          { group: "rbac.authorization.k8s.io" },
          { group: "admissionregistration.k8s.io" },
          { group: "security.istio.io" },
          { group: "networking.istio.io" },
          { group: "templates.gatekeeper.sh" },
          { group: "constraints.gatekeeper.sh" },
        ],
      },
      // Ways into a running agent.
      {
        level: "Metadata",
        namespaces: governed,
        resources: [
          {
            group: "",
            resources: [
              "pods/exec",
              "pods/attach",
              "pods/portforward",
              "pods/proxy",
              "pods/ephemeralcontainers",
            ],
          },
        ],
      },
      { level: "Metadata", namespaces: governed, verbs: WRITES },
      // Heartbeats and watches of the control plane itself.
      {
        level: "None",
        users: ["system:kube-controller-manager", "system:kube-scheduler", "system:apiserver"],
        verbs: ["get", "list", "watch"],
      },
      { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
      { level: "Metadata" },
    ],
  };
}
