/** Weakenings of namespaces, quotas, roles and accounts. */
import { add, drop, indices, names, type Operator, push, remove, set } from "./mutant";

const PSA = "pod-security.kubernetes.io/enforce";
const label = (key: string) => ["metadata", "labels", key] as const;

export const namespaces: Operator = function* (object, title) {
  if (object.kind !== "Namespace") return;
  yield drop(title);
  yield remove(title, "metadata", "labels");
  for (const key of names(object, "metadata", "annotations"))
    yield remove(title, "metadata", "annotations", key);
  const isOfMesh = names(object, "metadata", "labels").includes("istio-injection");
  for (const key of [PSA, `${PSA}-version`, "istio-injection"]) yield remove(title, ...label(key));
  for (const level of ["baseline", "privileged"]) yield set(title, label(PSA), level);
  yield set(title, label(`${PSA}-version`), "latest");
  // Operators stand outside the mesh anyway.
  if (isOfMesh) yield set(title, label("istio-injection"), "disabled");
  if (isOfMesh) yield set(title, label("istio.io/dataplane-mode"), "none");
  const labels = names(object, "metadata", "labels");
  for (const key of ["kagent.dev/agent-consumer", "kagent.dev/agent-provider"])
    if (!labels.includes(key)) yield set(title, label(key), "true");
  yield add(`a second ${title} without labels`, {
    ...object,
    metadata: { name: (object.metadata as { name: string }).name },
  });
};

export const bounds: Operator = function* (object, title) {
  if (object.kind === "ResourceQuota") {
    yield drop(title);
    yield set(title, ["spec", "scopes"], ["BestEffort"]);
    for (const key of names(object, "spec", "hard")) yield remove(title, "spec", "hard", key);
  }
  if (object.kind === "LimitRange") {
    yield drop(title);
    for (const key of ["default", "defaultRequest"]) {
      yield remove(title, "spec", "limits", 0, key);
      for (const resource of ["cpu", "memory"]) yield remove(title, "spec", "limits", 0, key, resource);
    }
    yield set(title, ["spec", "limits", 0, "type"], "Pod");
  }
};

const group = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name });

export const roles: Operator = function* (object, title) {
  if (object.kind === "Role") {
    for (const index of indices(object, "rules")) {
      for (const key of ["verbs", "resources", "apiGroups"]) yield push(title, ["rules", index, key], "*");
      for (const resource of [
        "secrets",
        "pods/exec",
        "pods/attach",
        "pods/portforward",
        "pods/ephemeralcontainers",
        "serviceaccounts/token",
        "pods/proxy",
      ])
        yield push(title, ["rules", index, "resources"], resource);
      for (const verb of ["escalate", "bind", "impersonate"])
        yield push(title, ["rules", index, "verbs"], verb);
    }
    for (const [apiGroup, resource] of [
      ["", "pods"],
      ["apps", "deployments"],
      ["networking.k8s.io", "networkpolicies"],
      ["security.istio.io", "authorizationpolicies"],
      ["rbac.authorization.k8s.io", "rolebindings"],
    ])
      yield push(title, ["rules"], { apiGroups: [apiGroup], resources: [resource], verbs: ["create"] });
  }
  if (object.kind === "RoleBinding") {
    for (const name of ["edit", "admin", "cluster-admin"])
      yield set(title, ["roleRef"], { kind: "ClusterRole", name });
    for (const name of [
      "system:authenticated",
      "system:serviceaccounts",
      "system:serviceaccounts:team-alpha",
    ])
      yield push(title, ["subjects"], group(name));
    yield push(title, ["subjects"], {
      kind: "ServiceAccount",
      name: "orchestrator-sa",
      namespace: "team-alpha",
    });
  }
};

export const accounts: Operator = function* (object, title) {
  if (object.kind !== "ServiceAccount") return;
  yield drop(title);
  yield set(title, ["automountServiceAccountToken"], true);
  yield remove(title, "automountServiceAccountToken");
};
