import { cases } from "../support/cases";
import { type Draft, manifest } from "../support/draft";

const RBAC = "rbac.authorization.k8s.io/v1";
const ORCHESTRATOR = "Agent team-alpha/orchestrator";
const ACCOUNT = "spec.declarative.deployment.serviceAccountName";
const ROLE = "Role team-alpha/team-editor";

const binding = (name: string, roleRef: Record<string, unknown>, ...subjects: Record<string, unknown>[]) =>
  manifest(RBAC, name.includes("/") ? "RoleBinding" : "ClusterRoleBinding", name, { roleRef, subjects });

/** Who a team is, where it is bound in its own namespace. */
const TEAM = { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "team-alpha-developers" };
const ORCHESTRATOR_ACCOUNT = { kind: "ServiceAccount", name: "orchestrator-sa", namespace: "team-alpha" };
const CONTROLLER = { kind: "ServiceAccount", name: "kagent-controller", namespace: "kagent" };
const EVERYTHING = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const SECRETS = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
const clusterRole = (rule: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
  manifest(RBAC, "ClusterRole", "x", { rules: [rule], ...rest });

cases("rbac-own-account", {
  violating: {
    "no account of its own": {
      change: (s) => s.set(ORCHESTRATOR, ACCOUNT, undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.serviceAccountName: must be orchestrator-sa, the agent's own account.",
      ],
    },
    "the account of another agent": {
      change: (s) => s.set(ORCHESTRATOR, ACCOUNT, "specialist-sa"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.serviceAccountName: must be orchestrator-sa, the agent's own account.",
      ],
    },
    "an account that nobody declares": {
      change: (s) => s.drop("ServiceAccount team-alpha/orchestrator-sa"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.serviceAccountName: there is no ServiceAccount team-alpha/orchestrator-sa in this stack. Declare it.",
      ],
    },
    "an account that kagent shapes": {
      change: (s) =>
        s.set(ORCHESTRATOR, "spec.declarative.deployment.serviceAccountConfig", { annotations: {} }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.serviceAccountConfig: lets kagent shape the account. Remove it.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, ACCOUNT],
});

cases("rbac-no-automount", {
  violating: {
    "a token kept in a Secret": {
      change: (s) =>
        s.add(
          manifest("v1", "Secret", "team-alpha/account", { type: "kubernetes.io/service-account-token" }),
        ),
      finds: [
        "Secret team-alpha/account (v1), type: holds a token that never expires, of any account of the namespace. Remove it.",
      ],
    },
    "a token that an Agent mounts": {
      change: (s) =>
        s.set(ORCHESTRATOR, "spec.declarative.deployment.volumes", [
          { name: "t", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
        ]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.volumes[0].projected.sources[0].serviceAccountToken: mounts a token of the agent's account. Remove it.",
      ],
    },
    "a mounted token": {
      change: (s) => s.set("ServiceAccount team-alpha/orchestrator-sa", "automountServiceAccountToken", true),
      finds: ["ServiceAccount team-alpha/orchestrator-sa (v1), automountServiceAccountToken: must be false."],
    },
    "the default, which mounts": {
      change: (s) =>
        s.set("ServiceAccount team-alpha/orchestrator-sa", "automountServiceAccountToken", undefined),
      finds: ["ServiceAccount team-alpha/orchestrator-sa (v1), automountServiceAccountToken: must be false."],
    },
  },
  unknown: ["ServiceAccount team-alpha/orchestrator-sa", "automountServiceAccountToken"],
});

cases("rbac-agents-without-roles", {
  violating: {
    "a role for an agent": {
      change: (s) =>
        s.push("RoleBinding team-alpha/team-editor", "subjects", {
          kind: "ServiceAccount",
          name: "orchestrator-sa",
        }),
      finds: [
        "RoleBinding team-alpha/team-editor (rbac.authorization.k8s.io/v1), subjects[1]: gives a role to service accounts of a tenant. Remove it.",
      ],
    },
    "a role for all accounts of a tenant": {
      change: (s) =>
        s.add(
          binding(
            "all-accounts",
            { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
            { kind: "Group", name: "system:serviceaccounts:team-alpha" },
          ),
        ),
      finds: [
        "ClusterRoleBinding all-accounts (rbac.authorization.k8s.io/v1), subjects[0]: gives a role to service accounts of a tenant. Remove it.",
      ],
    },
    "a role for everybody": {
      change: (s) =>
        s.add(
          binding(
            "everybody",
            { kind: "ClusterRole", name: "view" },
            { kind: "Group", name: "system:authenticated" },
          ),
        ),
      finds: [
        "ClusterRoleBinding everybody (rbac.authorization.k8s.io/v1), subjects[0]: gives a role to service accounts of a tenant. Remove it.",
      ],
    },
    "an account named as a user": {
      change: (s) =>
        s.push("RoleBinding team-alpha/team-editor", "subjects", {
          kind: "User",
          name: "system:serviceaccount:team-alpha:orchestrator-sa",
        }),
      finds: [
        "RoleBinding team-alpha/team-editor (rbac.authorization.k8s.io/v1), subjects[1]: gives a role to service accounts of a tenant. Remove it.",
      ],
    },
    "a role of a tenant's account in another namespace": {
      change: (s) => s.add(binding("shop/x", { kind: "Role", name: "x" }, ORCHESTRATOR_ACCOUNT)),
      finds: [
        "RoleBinding shop/x (rbac.authorization.k8s.io/v1), subjects[0]: gives a role to service accounts of a tenant. Remove it.",
      ],
    },
  },
  unknown: ["RoleBinding team-alpha/team-editor", "subjects[0].name"],
});

cases("rbac-no-wildcards", {
  violating: {
    "everything for kagent's controller": {
      change: (s) =>
        s.add(clusterRole(EVERYTHING), binding("x", { kind: "ClusterRole", name: "x" }, CONTROLLER)),
      finds: ["verbs", "resources", "apiGroups"].map(
        (key) =>
          `ClusterRole x (rbac.authorization.k8s.io/v1), rules[0].${key}: holds a wildcard. List what is needed.`,
      ),
    },
    "every object of the mesh, for a team, where the mesh runs": {
      change: (s) =>
        s.add(
          manifest(RBAC, "Role", "istio-system/x", {
            rules: [{ apiGroups: ["security.istio.io"], resources: ["*"], verbs: ["get"] }],
          }),
          binding("istio-system/x", { kind: "Role", name: "x" }, TEAM),
        ),
      finds: [
        "Role istio-system/x (rbac.authorization.k8s.io/v1), rules[0].resources: holds a wildcard. List what is needed.",
      ],
    },
    "any verb": {
      change: (s) => s.set(ROLE, "rules[0].verbs", ["*"]),
      finds: [
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[0].verbs: holds a wildcard. List what is needed.",
      ],
    },
    "any resource": {
      change: (s) => s.set(ROLE, "rules[0].resources", ["*"]),
      finds: [
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[0].resources: holds a wildcard. List what is needed.",
      ],
    },
    "any group, in a ClusterRole that a tenant is bound to": {
      change: (s) =>
        s.add(
          manifest(RBAC, "ClusterRole", "wide", {
            rules: [{ apiGroups: ["*"], resources: ["agents"], verbs: ["get"] }],
          }),
          binding(
            "team-alpha/wide",
            { kind: "ClusterRole", name: "wide" },
            { kind: "Group", name: "developers" },
          ),
        ),
      finds: [
        "ClusterRole wide (rbac.authorization.k8s.io/v1), rules[0].apiGroups: holds a wildcard. List what is needed.",
      ],
    },
  },
  unknown: [ROLE, "rules[0].verbs[0]"],
});

/** What a store of Vault needs: External Secrets mints tokens of the store's own account. */
const MINTS = "Role team-alpha/external-secrets.vault-token";
const storeRights = [
  manifest("external-secrets.io/v1", "SecretStore", "team-alpha/vault", {
    spec: {
      provider: {
        vault: { auth: { kubernetes: { serviceAccountRef: { name: "external-secrets.vault" } } } },
      },
    },
  }),
  manifest("rbac.authorization.k8s.io/v1", "Role", "team-alpha/external-secrets.vault-token", {
    rules: [
      {
        apiGroups: [""],
        resources: ["serviceaccounts/token"],
        resourceNames: ["external-secrets.vault"],
        verbs: ["create"],
      },
    ],
  }),
  manifest("rbac.authorization.k8s.io/v1", "RoleBinding", "team-alpha/external-secrets.vault-token", {
    roleRef: { kind: "Role", name: "external-secrets.vault-token" },
    subjects: [{ kind: "ServiceAccount", name: "external-secrets", namespace: "external-secrets" }],
  }),
];
const minting = {
  "tokens of an agent's account": (s: Draft) =>
    s
      .set(MINTS, "rules[0].resourceNames", ["orchestrator-sa"])
      .set(
        "SecretStore team-alpha/vault",
        "spec.provider.vault.auth.kubernetes.serviceAccountRef.name",
        "orchestrator-sa",
      ),
  "tokens of any account": (s: Draft) => s.set(MINTS, "rules[0].resourceNames", undefined),
  "tokens of an account that no store signs in as": (s: Draft) => s.drop("SecretStore team-alpha/vault"),
  "tokens for somebody else": (s: Draft) =>
    s.push("RoleBinding team-alpha/external-secrets.vault-token", "subjects", {
      kind: "Group",
      name: "team-alpha-developers",
    }),
};
const mintingFinds = (finding: string) =>
  Object.fromEntries(
    Object.entries(minting).map(([what, change]) => [
      what,
      { change, finds: [`${MINTS} (rbac.authorization.k8s.io/v1), ${finding}`] },
    ]),
  );

cases("rbac-no-sensitive-access", {
  with: storeRights,
  violating: {
    "a built-in role that somebody adds Secrets to": {
      change: (s) =>
        s.add(
          clusterRole(SECRETS, {
            metadata: { labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
          }),
        ),
      finds: [
        "ClusterRole x (rbac.authorization.k8s.io/v1), rules[0].resources[0]: is not for tenants. Remove it.",
      ],
    },
    "Secrets for kagent's controller": {
      change: (s) => s.push("ClusterRole kagent-a2a-namespace-reader", "rules", SECRETS),
      finds: [
        "ClusterRole kagent-a2a-namespace-reader (rbac.authorization.k8s.io/v1), rules[1].resources[0]: is not for tenants. Remove it.",
      ],
    },
    "Secrets of an operator, for a team": {
      change: (s) =>
        s.add(
          manifest(RBAC, "Role", "external-secrets/x", { rules: [SECRETS] }),
          binding("external-secrets/x", { kind: "Role", name: "x" }, TEAM),
        ),
      finds: [
        "Role external-secrets/x (rbac.authorization.k8s.io/v1), rules[0].resources[0]: is not for tenants. Remove it.",
      ],
    },
    ...mintingFinds("rules[0].resources[0]: is not for tenants. Remove it."),
    Secrets: {
      change: (s) => s.push(ROLE, "rules[1].resources", "secrets"),
      finds: [
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[1].resources[2]: is not for tenants. Remove it.",
      ],
    },
    "a shell in a pod": {
      change: (s) => s.push(ROLE, "rules[1].resources", "pods/exec"),
      finds: [
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[1].resources[2]: is not for tenants. Remove it.",
      ],
    },
    "its own rights": {
      change: (s) => s.push(ROLE, "rules[0].verbs", "escalate", "bind", "impersonate"),
      finds: [
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[0].verbs[4]: raises the holder's own rights. Remove it.",
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[0].verbs[5]: raises the holder's own rights. Remove it.",
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[0].verbs[6]: raises the holder's own rights. Remove it.",
      ],
    },
  },
  unknown: [ROLE, "rules[1].resources[0]"],
});

cases("rbac-tenant-writes", {
  with: storeRights,
  violating: {
    "the mesh, for a team, where the mesh runs": {
      change: (s) =>
        s.add(
          manifest(RBAC, "Role", "istio-system/x", {
            rules: [
              { apiGroups: ["security.istio.io"], resources: ["authorizationpolicies"], verbs: ["create"] },
            ],
          }),
          binding("istio-system/x", { kind: "Role", name: "x" }, TEAM),
        ),
      finds: [
        "Role istio-system/x (rbac.authorization.k8s.io/v1), rules[0]: changes more than Agents and ModelConfigs. Keep get, list and watch.",
      ],
    },
    ...mintingFinds("rules[0]: changes more than Agents and ModelConfigs. Keep get, list and watch."),
    "pods of its own": {
      change: (s) => s.push(ROLE, "rules", { apiGroups: [""], resources: ["pods"], verbs: ["create"] }),
      finds: [
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[4]: changes more than Agents and ModelConfigs. Keep get, list and watch.",
      ],
    },
    "network policies": {
      change: (s) =>
        s.push(ROLE, "rules", {
          apiGroups: ["networking.k8s.io"],
          resources: ["networkpolicies"],
          verbs: ["delete"],
        }),
      finds: [
        "Role team-alpha/team-editor (rbac.authorization.k8s.io/v1), rules[4]: changes more than Agents and ModelConfigs. Keep get, list and watch.",
      ],
    },
  },
  unknown: [ROLE, "rules[0].verbs[0]"],
});

cases("rbac-role-references", {
  with: [
    binding(
      "operator",
      { kind: "ClusterRole", name: "cert-manager-controller" },
      { kind: "ServiceAccount", name: "cert-manager", namespace: "cert-manager" },
    ),
    binding("shop/team", { kind: "ClusterRole", name: "edit" }, TEAM),
  ],
  violating: {
    ...Object.fromEntries(
      ["admin", "edit"].map((name) => [
        `the built-in role ${name} in every namespace`,
        {
          change: (s: Draft) => s.add(binding("x", { kind: "ClusterRole", name }, TEAM)),
          finds: [
            `ClusterRoleBinding x (rbac.authorization.k8s.io/v1), roleRef: ClusterRole ${name} is not in this stack. Declare what it gives.`,
          ],
        },
      ]),
    ),
    "the built-in role that reads Secrets": {
      change: (s) =>
        s.set("RoleBinding team-alpha/team-editor", "roleRef", { kind: "ClusterRole", name: "edit" }),
      finds: [
        "RoleBinding team-alpha/team-editor (rbac.authorization.k8s.io/v1), roleRef: ClusterRole edit is not in this stack. Declare what it gives.",
      ],
    },
    "a role that nobody declares": {
      change: (s) => s.drop(ROLE),
      finds: [
        "RoleBinding team-alpha/team-editor (rbac.authorization.k8s.io/v1), roleRef: Role team-editor is not in this stack. Declare what it gives.",
      ],
    },
  },
  unknown: ["RoleBinding team-alpha/team-editor", "roleRef.name"],
});

cases("rbac-no-cluster-admin", {
  violating: {
    "the whole cluster": {
      change: (s) =>
        s.add(
          binding(
            "kagent-tools",
            { kind: "ClusterRole", name: "cluster-admin" },
            { kind: "ServiceAccount", name: "kagent-tools", namespace: "kagent" },
          ),
        ),
      finds: [
        "ClusterRoleBinding kagent-tools (rbac.authorization.k8s.io/v1), roleRef.name: gives everything. Bind a role with what is needed.",
      ],
    },
  },
  unknown: ["RoleBinding team-alpha/team-editor", "roleRef.name"],
});
