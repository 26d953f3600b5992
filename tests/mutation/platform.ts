/** Weakenings of what the platform's parts are told: Gatekeeper's exemptions, cluster-wide roles, issuers, stores and the audit. */
import { drop, indices, type Operator, push, remove, set, value } from "./mutant";

export const gatekeeperConfig: Operator = function* (object, title) {
  if (object.kind !== "Config") return;
  for (const namespace of ["team-alpha", "kagent", "team-*", "*"])
    yield push(title, ["spec", "match", 0, "excludedNamespaces"], namespace);
};

export const clusterRoles: Operator = function* (object, title) {
  if (object.kind === "ClusterRole") {
    for (const key of ["verbs", "resources", "apiGroups"]) yield push(title, ["rules", 0, key], "*");
    for (const resource of ["secrets", "pods/exec", "serviceaccounts/token"])
      yield push(title, ["rules"], { apiGroups: [""], resources: [resource], verbs: ["get"] });
    yield push(title, ["rules"], { apiGroups: ["security.istio.io"], resources: ["x"], verbs: ["create"] });
    yield set(title, ["aggregationRule"], { clusterRoleSelectors: [{ matchLabels: { team: "alpha" } }] });
  }
  if (object.kind === "ClusterRoleBinding") {
    for (const name of ["admin", "edit", "cluster-admin"])
      yield set(title, ["roleRef"], { kind: "ClusterRole", name });
    for (const name of ["system:authenticated", "system:serviceaccounts:team-alpha"])
      yield push(title, ["subjects"], { kind: "Group", name });
    yield push(title, ["subjects"], {
      kind: "ServiceAccount",
      name: "specialist-sa",
      namespace: "team-beta",
    });
  }
};

export const certificates: Operator = function* (object, title) {
  if (object.kind === "Certificate") {
    yield drop(title);
    yield remove(title, "spec", "isCA");
    yield set(title, ["spec", "issuerRef", "name"], "somebody-elses");
    yield set(title, ["spec", "secretName"], "elsewhere");
  }
  if (object.kind === "Issuer" || object.kind === "ClusterIssuer") {
    yield drop(title);
    if (value(object, ["spec", "ca"]) !== undefined)
      yield set(title, ["spec", "ca", "secretName"], "somebody-elses");
  }
};

export const stores: Operator = function* (object, title) {
  if (object.kind === "SecretStore") {
    yield drop(title);
    const auth = ["spec", "provider", "vault", "auth"] as const;
    yield remove(title, ...auth, "kubernetes", "serviceAccountRef", "audiences");
    yield set(title, [...auth, "kubernetes", "serviceAccountRef", "name"], "orchestrator-sa");
    yield set(title, [...auth, "kubernetes", "serviceAccountRef", "namespace"], "external-secrets");
    const other = title.includes(" team-beta/") ? "team-alpha" : "team-beta";
    yield set(title, [...auth, "kubernetes", "role"], `kagent-a2a-${other}`);
    yield set(title, auth, { tokenSecretRef: { name: "vault", key: "token" } });
  }
  if (object.kind === "ExternalSecret") {
    yield set(title, ["apiVersion"], "external-secrets.io/v1beta1");
    for (const interval of ["0", "48h"]) yield set(title, ["spec", "refreshInterval"], interval);
    yield set(title, ["spec", "refreshPolicy"], "OnChange");
    if (title.includes(" kagent/")) return;
    yield drop(title);
    for (const index of indices(object, "spec", "data"))
      yield set(title, ["spec", "data", index, "remoteRef", "key"], "kagent-a2a/team-gamma/gpt");
    yield set(title, ["spec", "dataFrom"], [{ extract: { key: "kagent-a2a" } }]);
    yield set(title, ["spec", "secretStoreRef", "kind"], "ClusterSecretStore");
    yield set(title, ["spec", "target", "name"], "orchestrator-a2a-tokens");
    yield set(title, ["spec", "target", "creationPolicy"], "Merge");
  }
};

export const auditPolicies: Operator = function* (object, title) {
  if (object.kind !== "Policy") return;
  const first = (what: string, rule: Record<string, unknown>) =>
    set(title, ["rules"], [rule, ...(object.rules as unknown[])], what);
  for (const level of ["Request", "RequestResponse"])
    for (const resource of ["secrets", "configmaps", "serviceaccounts/token"])
      yield first(`bodies of ${resource} at ${level}`, {
        level,
        resources: [{ group: "", resources: [resource] }],
      });
  for (const verb of ["get", "list", "create", "update", "delete", "deletecollection"])
    yield first(`nobody sees ${verb} of Secrets`, {
      level: "None",
      verbs: [verb],
      resources: [{ group: "", resources: ["secrets"] }],
    });
  for (const group of [
    "kagent.dev",
    "networking.k8s.io",
    "security.istio.io",
    "rbac.authorization.k8s.io",
    "admissionregistration.k8s.io",
    "constraints.gatekeeper.sh",
  ])
    yield first(`nobody sees ${group}`, { level: "None", resources: [{ group }] });
  yield first("nobody sees one user", { level: "None", users: ["admin"] });
  yield first("a catch-all", { level: "Metadata" });
  yield set(title, ["omitStages"], ["ResponseComplete"]);
  yield set(title, ["rules", 0, "omitStages"], ["ResponseComplete"]);
  yield set(title, ["rules"], []);
};
