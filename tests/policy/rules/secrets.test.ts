import { cases } from "../support/cases";
import { manifest } from "../support/draft";

const ORCHESTRATOR = "Agent team-alpha/orchestrator";
const TOOL = "spec.declarative.tools[0]";
const DEPLOYMENT = "spec.declarative.deployment";
const ESO = "external-secrets.io/v1";

const external = manifest(ESO, "ExternalSecret", "team-alpha/search-key", {
  spec: {
    refreshInterval: "1h",
    secretStoreRef: { kind: "SecretStore", name: "vault" },
    target: { name: "search-key", creationPolicy: "Owner" },
  },
});
const store = manifest(ESO, "SecretStore", "team-alpha/vault", {
  spec: {
    provider: {
      vault: {
        auth: { kubernetes: { serviceAccountRef: { name: "external-secrets", audiences: ["vault"] } } },
      },
    },
  },
});
const clusterStore = manifest(ESO, "ClusterSecretStore", "alpha", {
  spec: { conditions: [{ namespaces: ["team-alpha"] }], provider: {} },
});

cases("secrets-header-by-reference", {
  violating: {
    "a token in the Agent": {
      change: (s) =>
        s
          .set(ORCHESTRATOR, `${TOOL}.headersFrom[0].value`, "made-up-token")
          .set(ORCHESTRATOR, `${TOOL}.headersFrom[0].valueFrom`, undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom[0].value: holds a literal. Refer to a Secret with valueFrom.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom[0].valueFrom.type: must be Secret.",
      ],
    },
    "a token in a ConfigMap": {
      change: (s) => s.set(ORCHESTRATOR, `${TOOL}.headersFrom[0].valueFrom.type`, "ConfigMap"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[0].headersFrom[0].valueFrom.type: must be Secret.",
      ],
    },
    "a key for an MCP server": {
      change: (s) =>
        s.push(ORCHESTRATOR, "spec.declarative.tools", {
          type: "McpServer",
          mcpServer: { name: "search" },
          headersFrom: [{ name: "Authorization", value: "made up" }],
        }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[1].headersFrom[0].value: holds a literal. Refer to a Secret with valueFrom.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.tools[1].headersFrom[0].valueFrom.type: must be Secret.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${TOOL}.headersFrom[0].name`],
});

const MATERIAL = "holds key material. Put it into a Secret and refer to that.";
const LITERAL = "is named like a credential and holds a literal. Put it into a Secret and refer to that.";

cases("secrets-no-key-material", {
  with: [
    manifest("networking.k8s.io/v1", "Ingress", "shop/web", {
      metadata: { annotations: { "nginx.ingress.kubernetes.io/auth-secret": "web-basic-auth" } },
    }),
    manifest("v1", "ConfigMap", "shop/words", {
      data: {
        basic: "You help with Basic troubleshooting-steps.",
        bearer: "Knows how Bearer authentication-headers work.",
        address: "postgres://shop:$(PASSWORD)@db.example.com/shop",
        stopToken: "###",
      },
      binaryData: { picture: "iVBORw0KGgo=" },
    }),
  ],
  violating: {
    "a header of a model": {
      change: (s) => s.set("ModelConfig team-alpha/gpt", "spec.defaultHeaders", { "X-Api-Key": "made up" }),
      finds: [
        "ModelConfig team-alpha/gpt (kagent.dev/v1alpha2), spec.defaultHeaders.X-Api-Key: is named like a credential and holds a literal. Put it into a Secret and refer to that.",
      ],
    },
    "a private key in a ConfigMap": {
      change: (s) =>
        s.add(
          manifest("v1", "ConfigMap", "team-alpha/files", {
            data: { note: "-----BEGIN PRIVATE KEY-----" },
          }),
        ),
      finds: [
        "ConfigMap team-alpha/files (v1), data.note: holds key material. Put it into a Secret and refer to that.",
      ],
    },
    "a password in Helm values": {
      change: (s) =>
        s.add({
          apiVersion: "helm.sh/v3",
          kind: "Release",
          name: "kagent",
          namespace: "kagent",
          values: { database: { postgres: { password: "kagent" } } },
        }),
      finds: [
        "Release kagent/kagent (helm.sh/v3), values.database.postgres.password: is named like a credential and holds a literal. Put it into a Secret and refer to that.",
      ],
    },
    "a token in an annotation": {
      change: (s) =>
        s.set("Namespace team-alpha", "metadata.annotations", {
          note: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
        }),
      finds: [
        "Namespace team-alpha (v1), metadata.annotations.note: holds key material. Put it into a Secret and refer to that.",
      ],
    },
    "a key in the bytes of a ConfigMap": {
      change: (s) =>
        s.add(
          manifest("v1", "ConfigMap", "team-alpha/files", {
            binaryData: { note: Buffer.from("-----BEGIN PRIVATE KEY-----").toString("base64") },
          }),
        ),
      finds: [`ConfigMap team-alpha/files (v1), binaryData.note: ${MATERIAL}`],
    },
    "a header of a tool server": {
      change: (s) =>
        s.add(
          manifest("kagent.dev/v1alpha2", "RemoteMCPServer", "team-alpha/search", {
            spec: { headersFrom: [{ name: "Authorization", value: "made up" }] },
          }),
        ),
      finds: [
        `RemoteMCPServer team-alpha/search (kagent.dev/v1alpha2), spec.headersFrom[0].value: ${LITERAL}`,
      ],
    },
    "a password in an address, as a number, and of a repository": {
      change: (s) =>
        s
          .set("Release kagent/kagent", "values.database.postgres.url", "postgres://kagent:made-up@db/kagent")
          .set("Release kagent/kagent", "values.database.postgres.password", 12345678)
          .set("Release kagent/kagent", "repositoryOpts", { password: "made up" }),
      finds: [
        `Release kagent/kagent (helm.sh/v3), values.database.postgres.url: ${MATERIAL}`,
        `Release kagent/kagent (helm.sh/v3), values.database.postgres.password: ${LITERAL}`,
        `Release kagent/kagent (helm.sh/v3), repositoryOpts.password: ${LITERAL}`,
      ],
    },
    "headers as they are sent": {
      change: (s) =>
        s
          .set(ORCHESTRATOR, "spec.description", `Sends Basic ${Buffer.from("a:made up").toString("base64")}`)
          .set(ORCHESTRATOR, "spec.declarative.systemMessage", "Sends Bearer abcdefghijklmnop1234."),
      finds: ["spec.description", "spec.declarative.systemMessage"].map(
        (path) => `Agent team-alpha/orchestrator (kagent.dev/v1alpha2), ${path}: ${MATERIAL}`,
      ),
    },
    "an environment variable": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.env`, [{ name: "SEARCH_API_KEY", value: "made up" }]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.env[0].value: is named like a credential and holds a literal. Put it into a Secret and refer to that.",
      ],
    },
  },
  unknown: ["ModelConfig team-alpha/gpt", "spec.openAI"],
  notApplicable: [],
});

cases("secrets-one-writer", {
  with: [external],
  violating: {
    "a static Secret and External Secrets": {
      change: (s) => s.add(manifest("v1", "Secret", "team-alpha/search-key", { stringData: {} })),
      finds: [
        "Secret team-alpha/search-key (v1): writes Secret team-alpha/search-key, which ExternalSecret team-alpha/search-key also writes. Keep one of them.",
        "ExternalSecret team-alpha/search-key (external-secrets.io/v1): writes Secret team-alpha/search-key, which Secret team-alpha/search-key also writes. Keep one of them.",
      ],
    },
    "a Secret that kagent overwrites": {
      change: (s) => s.set("ExternalSecret team-alpha/search-key", "spec.target.name", "orchestrator"),
      finds: [
        "ExternalSecret team-alpha/search-key (external-secrets.io/v1): writes Secret team-alpha/orchestrator, which Agent team-alpha/orchestrator also writes. Keep one of them.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2): writes Secret team-alpha/orchestrator, which ExternalSecret team-alpha/search-key also writes. Keep one of them.",
      ],
    },
  },
  unknown: ["ExternalSecret team-alpha/search-key", "spec.target.name"],
});

cases("secrets-own-credentials", {
  violating: {
    "its token in the environment": {
      change: (s) =>
        s.set(ORCHESTRATOR, `${DEPLOYMENT}.env`, [
          {
            name: "T",
            valueFrom: { secretKeyRef: { name: "orchestrator-a2a-tokens", key: "team-beta.specialist" } },
          },
        ]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.env[0].valueFrom.secretKeyRef.name: Secret orchestrator-a2a-tokens holds another object's credentials. Remove the reference.",
      ],
    },
    "an API key as a volume": {
      change: (s) =>
        s.set(ORCHESTRATOR, `${DEPLOYMENT}.volumes`, [{ name: "k", secret: { secretName: "gpt-api-key" } }]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.volumes[0].secret.secretName: Secret gpt-api-key holds another object's credentials. Remove the reference.",
      ],
    },
    "the configuration of an agent in the prompt": {
      change: (s) =>
        s.set(ORCHESTRATOR, "spec.declarative.systemMessageFrom", {
          type: "Secret",
          name: "orchestrator",
          key: "config.json",
        }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.systemMessageFrom.name: Secret orchestrator holds another object's credentials. Remove the reference.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${DEPLOYMENT}.env`],
});

cases("secrets-model-key", {
  violating: {
    "a delegation token as the key of a model": {
      change: (s) => s.set("ModelConfig team-alpha/gpt", "spec.apiKeySecret", "orchestrator-a2a-tokens"),
      finds: [
        "ModelConfig team-alpha/gpt (kagent.dev/v1alpha2), spec.apiKeySecret: names a Secret with delegation tokens or an agent's configuration. Name the model's own.",
      ],
    },
    "a Secret that nobody writes": {
      change: (s) => s.drop("Secret team-alpha/gpt-api-key"),
      finds: [
        "ModelConfig team-alpha/gpt (kagent.dev/v1alpha2), spec.apiKeySecret: nothing in this stack writes the Secret of this name in the namespace. Declare it.",
      ],
    },
  },
  unknown: ["ModelConfig team-alpha/gpt", "spec.apiKeySecret"],
});

cases("secrets-external-version", {
  with: [external, store],
  violating: {
    "a version that is not served": {
      change: (s) =>
        s.set("ExternalSecret team-alpha/search-key", "apiVersion", "external-secrets.io/v1beta1"),
      finds: [
        "ExternalSecret team-alpha/search-key (external-secrets.io/v1beta1), apiVersion: must be external-secrets.io/v1.",
      ],
    },
  },
  unknown: [
    "ExternalSecret team-alpha/search-key",
    "apiVersion",
    "reads the version, which the type of the resource tells",
  ],
});

cases("secrets-external-refresh", {
  with: [external],
  violating: {
    "never again": {
      change: (s) => s.set("ExternalSecret team-alpha/search-key", "spec.refreshInterval", "0"),
      finds: [
        "ExternalSecret team-alpha/search-key (external-secrets.io/v1), spec.refreshInterval: must be more than nothing and at most 24h.",
      ],
    },
    "once in two days": {
      change: (s) => s.set("ExternalSecret team-alpha/search-key", "spec.refreshInterval", "48h"),
      finds: [
        "ExternalSecret team-alpha/search-key (external-secrets.io/v1), spec.refreshInterval: must be more than nothing and at most 24h.",
      ],
    },
    "on change only": {
      change: (s) => s.set("ExternalSecret team-alpha/search-key", "spec.refreshPolicy", "OnChange"),
      finds: [
        "ExternalSecret team-alpha/search-key (external-secrets.io/v1), spec.refreshPolicy: must be Periodic.",
      ],
    },
  },
  unknown: ["ExternalSecret team-alpha/search-key", "spec.refreshInterval"],
});

cases("secrets-store-scope", {
  with: [clusterStore],
  violating: {
    "every namespace": {
      change: (s) => s.set("ClusterSecretStore alpha", "spec.conditions", undefined),
      finds: [
        "ClusterSecretStore alpha (external-secrets.io/v1), spec.conditions: serves every namespace. Name the one it is for.",
      ],
    },
    "two namespaces": {
      change: (s) => s.push("ClusterSecretStore alpha", "spec.conditions[0].namespaces", "team-beta"),
      finds: [
        "ClusterSecretStore alpha (external-secrets.io/v1), spec.conditions[0]: serves more than one namespace, or whoever fits a pattern. Name one.",
      ],
    },
    "whoever fits a pattern": {
      change: (s) =>
        s.set("ClusterSecretStore alpha", "spec.conditions[0]", { namespaceRegexes: ["team-.*"] }),
      finds: [
        "ClusterSecretStore alpha (external-secrets.io/v1), spec.conditions[0]: serves more than one namespace, or whoever fits a pattern. Name one.",
      ],
    },
    "Secrets in many namespaces": {
      change: (s) => s.add(manifest(ESO, "ClusterExternalSecret", "all", { spec: {} })),
      finds: [
        "ClusterExternalSecret all (external-secrets.io/v1): writes Secrets into many namespaces. Use an ExternalSecret in each.",
      ],
    },
  },
  unknown: ["ClusterSecretStore alpha", "spec.conditions[0].namespaces"],
});

cases("secrets-vault-audience", {
  with: [store],
  violating: {
    "a token for the API server too": {
      change: (s) =>
        s.set(
          "SecretStore team-alpha/vault",
          "spec.provider.vault.auth.kubernetes.serviceAccountRef.audiences",
          undefined,
        ),
      finds: [
        "SecretStore team-alpha/vault (external-secrets.io/v1), spec.provider.vault.auth.kubernetes.serviceAccountRef.audiences: names no audience. Write the one that the Vault role expects.",
      ],
    },
  },
  unknown: [
    "SecretStore team-alpha/vault",
    "spec.provider.vault.auth.kubernetes.serviceAccountRef.audiences",
  ],
});

const account = manifest("v1", "ServiceAccount", "team-alpha/external-secrets.vault", {
  automountServiceAccountToken: false,
});
const ownStore = manifest(ESO, "SecretStore", "team-alpha/vault", {
  spec: {
    provider: {
      vault: {
        auth: {
          kubernetes: {
            mountPath: "kubernetes",
            role: "kagent-a2a-team-alpha",
            serviceAccountRef: { name: "external-secrets.vault", audiences: ["vault"] },
          },
        },
      },
    },
  },
});
const apiKey = manifest(ESO, "ExternalSecret", "team-alpha/large-api-key-vault", {
  spec: {
    secretStoreRef: { kind: "SecretStore", name: "vault" },
    target: { name: "large-api-key-vault", creationPolicy: "Owner" },
    data: [{ secretKey: "apiKey", remoteRef: { key: "kagent-a2a/team-alpha/large", property: "apiKey" } }],
  },
});
const STORE = "SecretStore team-alpha/vault";
const STORE_IN = "SecretStore team-alpha/vault (external-secrets.io/v1), spec.provider.vault.auth";
const REFERENCE = "spec.provider.vault.auth.kubernetes.serviceAccountRef";
const KEY = "ExternalSecret team-alpha/large-api-key-vault";
const KEY_IN = "ExternalSecret team-alpha/large-api-key-vault (external-secrets.io/v1), ";

cases("secrets-store-account", {
  with: [account, ownStore],
  violating: {
    "an account that an Agent runs as": {
      change: (s) => s.set(STORE, `${REFERENCE}.name`, "orchestrator-sa"),
      finds: [
        `${STORE_IN}.kubernetes.serviceAccountRef.name: Agent team-alpha/orchestrator runs as orchestrator-sa. Use an account of its own.`,
      ],
    },
    "an account that is not there": {
      change: (s) => s.drop("ServiceAccount team-alpha/external-secrets.vault"),
      finds: [
        `${STORE_IN}.kubernetes.serviceAccountRef.name: there is no ServiceAccount team-alpha/external-secrets.vault in this stack.`,
      ],
    },
    "an account of another namespace": {
      change: (s) => s.set(STORE, `${REFERENCE}.namespace`, "team-beta"),
      finds: [
        `${STORE_IN}.kubernetes.serviceAccountRef.namespace: is another namespace. Use an account of the store's own.`,
      ],
    },
    "a role that two tenants share": {
      change: (s) =>
        s.add(
          manifest("v1", "ServiceAccount", "team-beta/external-secrets.vault"),
          manifest(ESO, "SecretStore", "team-beta/vault", { spec: ownStore.spec }),
        ),
      finds: ["team-alpha", "team-beta"].map(
        (tenant) =>
          `SecretStore ${tenant}/vault (external-secrets.io/v1), spec.provider.vault.auth.kubernetes.role: is the role of stores in team-alpha, team-beta. Give each namespace a role of its own.`,
      ),
    },
    "a token that lives for long": {
      change: (s) =>
        s.set(STORE, "spec.provider.vault.auth", { tokenSecretRef: { name: "vault", key: "token" } }),
      finds: [
        `${STORE_IN}: must be kubernetes or jwt with a serviceAccountRef: any other credential is long-lived.`,
      ],
    },
  },
  unknown: [STORE, "spec.provider.vault.auth.kubernetes.role"],
});

cases("secrets-external-target", {
  with: [ownStore, apiKey],
  violating: {
    "Secrets that are pushed out": {
      change: (s) =>
        s.add(
          manifest("external-secrets.io/v1alpha1", "PushSecret", "team-alpha/out", {
            spec: { selector: { secret: { name: "orchestrator-a2a-tokens" } } },
          }),
        ),
      finds: [
        "PushSecret team-alpha/out (external-secrets.io/v1alpha1): carries Secrets of a governed namespace out of the cluster. Remove it.",
      ],
    },
    "the tokens of an agent": {
      change: (s) => s.set(KEY, "spec.target.name", "orchestrator-a2a-tokens"),
      finds: [
        `${KEY_IN}spec.target.name: must be the API key of a model: a name that ends in -api-key or -api-key-vault.`,
      ],
    },
    "its own name, which is no key": {
      change: (s) => s.set(KEY, "spec.target.name", undefined).set(KEY, "metadata.name", "orchestrator"),
      finds: [
        "ExternalSecret team-alpha/orchestrator (external-secrets.io/v1), metadata.name: must be the API key of a model: a name that ends in -api-key or -api-key-vault.",
      ],
    },
    "the key of another team": {
      change: (s) => s.set(KEY, "spec.data[0].remoteRef.key", "kagent-a2a/team-beta/large"),
      finds: [
        `${KEY_IN}spec.data[0].remoteRef.key: is not below the path of this tenant. Name it in the path.`,
      ],
    },
    "whatever there is": {
      change: (s) => s.set(KEY, "spec.dataFrom", [{ extract: { key: "kagent-a2a/team-alpha/large" } }]),
      finds: [`${KEY_IN}spec.dataFrom: takes whatever lies there. Name each key in data.`],
    },
    "another store": {
      change: (s) => s.set(KEY, "spec.secretStoreRef", { kind: "ClusterSecretStore", name: "vault" }),
      finds: [`${KEY_IN}spec.secretStoreRef: must be a SecretStore of this namespace and stack.`],
    },
    "another store for one key": {
      change: (s) => s.set(KEY, "spec.data[0].sourceRef", { storeRef: { name: "other" } }),
      finds: [`${KEY_IN}spec.data[0].sourceRef: reads from another store. Remove it.`],
    },
    "a Secret that has another owner": {
      change: (s) => s.set(KEY, "spec.target.creationPolicy", "Merge"),
      finds: [
        `${KEY_IN}spec.target.creationPolicy: must be Owner: the Secret would outlive its ExternalSecret, or have a second writer.`,
      ],
    },
    "another kind of object": {
      change: (s) => s.set(KEY, "spec.target.manifest", { apiVersion: "v1", kind: "ConfigMap" }),
      finds: [`${KEY_IN}spec.target.manifest: writes another kind of object. Remove it.`],
    },
  },
  unknown: [KEY, "spec.target.name"],
});

const OPERATOR = "Release external-secrets/external-secrets";
cases("secrets-operator-values", {
  violating: {
    "stores of the whole cluster, and their pushing": {
      change: (s) =>
        s
          .set(OPERATOR, "values.processClusterStore", true)
          .set(OPERATOR, "values.processPushSecret", undefined),
      finds: [
        `${OPERATOR} (helm.sh/v3), values.processClusterStore: must be false.`,
        `${OPERATOR} (helm.sh/v3), values.processPushSecret: must be false.`,
      ],
    },
    "the chart's defaults": {
      change: (s) =>
        s
          .set(OPERATOR, "values.leaderElect", undefined)
          .set(OPERATOR, "values.rbac", undefined)
          .set(OPERATOR, "values.webhook.failurePolicy", "Ignore"),
      finds: [
        `${OPERATOR} (helm.sh/v3), values.leaderElect: must be true: two replicas would write the same Secret.`,
        `${OPERATOR} (helm.sh/v3), values.rbac.serviceAccountTokenCreate: must be false: give it a Role for each account that it may become.`,
        `${OPERATOR} (helm.sh/v3), values.webhook.failurePolicy: must be Fail.`,
      ],
    },
  },
  unknown: [OPERATOR, "values.processClusterStore"],
});
