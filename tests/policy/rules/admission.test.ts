import { cases, FOREIGN } from "../support/cases";
import { manifest } from "../support/draft";

const native = { admission: "native" } as const;
const gatekeeper = { admission: "gatekeeper" } as const;
const POLICY = "ValidatingAdmissionPolicy kagent-a2a-agents";
const BINDING = "ValidatingAdmissionPolicyBinding kagent-a2a-agents";
const TEMPLATE = "ConstraintTemplate kagenta2aagents";
const CONSTRAINT = "KagentA2AAgents kagent-a2a-agents";
const PARAMETERS = "spec.parameters";

const RELEASE = "Release gatekeeper-system/gatekeeper";

cases("admission-literal-identity", {
  violating: {
    "no namespace": {
      change: (s) => s.set("NetworkPolicy team-alpha/default-deny", "metadata.namespace", undefined),
      finds: ["NetworkPolicy default-deny (networking.k8s.io/v1), metadata.namespace: is missing."],
    },
    "no namespace of a policy of the network plugin": {
      change: (s) =>
        s.add(
          manifest("cilium.io/v2", "CiliumNetworkPolicy", "open"),
          manifest("crd.projectcalico.org/v1", "NetworkPolicy", "open"),
        ),
      finds: [
        "CiliumNetworkPolicy open (cilium.io/v2), metadata.namespace: is missing.",
        "NetworkPolicy open (crd.projectcalico.org/v1), metadata.namespace: is missing.",
      ],
    },
    "metadata that is a list": {
      change: (s) => s.set("Secret team-alpha/gpt-api-key", "metadata", ["a"]),
      finds: [
        "Secret without name (v1), metadata: must be a map: as it stands, admission-literal-identity cannot be checked.",
      ],
    },
    "no kind": {
      change: (s) => s.add({ apiVersion: "v1", metadata: { name: "x" } }),
      finds: ["Object without kind x (v1), kind: is missing."],
    },
  },
  unknown: ["NetworkPolicy team-alpha/default-deny", "metadata.name"],
  notApplicable: [manifest("example.com/v1", "Shop", "shop/web")],
});

cases("admission-single-definition", {
  violating: {
    "a second Namespace with fewer labels": {
      change: (s) => s.add(manifest("v1", "Namespace", "team-alpha")),
      finds: ["Namespace team-alpha (v1): is defined more than once in this stack. Merge the definitions."],
    },
    "the same object in two versions": {
      change: (s) =>
        s.add(
          manifest("security.istio.io/v1beta1", "PeerAuthentication", "team-alpha/default", { spec: {} }),
        ),
      finds: [
        "PeerAuthentication team-alpha/default (security.istio.io/v1beta1): is defined more than once in this stack. Merge the definitions.",
      ],
    },
  },
  unknown: [
    "Namespace team-alpha",
    "metadata",
    "leaves what has no known name to admission-literal-identity",
  ],
  notApplicable: [],
});

cases("admission-no-patches", {
  with: [manifest("example.com/v1", "ShopPatch", "shop/a")],
  violating: {
    "a patch of a namespace": {
      change: (s) => s.add(manifest("v1", "NamespacePatch", "team-alpha")),
      finds: ["NamespacePatch team-alpha (v1): patches an object that governs. Change the object itself."],
    },
    "patches of custom resources": {
      change: (s) =>
        s.add(
          manifest("kagent.dev/v1alpha2", "AgentPatch", "team-beta/specialist"),
          manifest("constraints.gatekeeper.sh/v1beta1", "KagentA2AAgentsPatch", "kagent-a2a-agents"),
        ),
      finds: [
        "AgentPatch team-beta/specialist (kagent.dev/v1alpha2): patches an object that governs. Change the object itself.",
        "KagentA2AAgentsPatch kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1): patches an object that governs. Change the object itself.",
      ],
    },
    "patches of network policies for the whole cluster": {
      change: (s) =>
        s.add(
          manifest("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicyPatch", "all"),
          manifest("cilium.io/v2", "CiliumNodePatch", "node"),
        ),
      finds: [
        "AdminNetworkPolicyPatch all (policy.networking.k8s.io/v1alpha1): patches an object that governs. Change the object itself.",
      ],
    },
    "patches of what stands beside": {
      change: (s) =>
        s.add(
          manifest("v1", "ConfigMapPatch", "istio-system/istio"),
          manifest("apps/v1", "DeploymentPatch", "kagent/kagent-controller"),
        ),
      finds: [
        "ConfigMapPatch istio-system/istio (v1): patches an object beside those that govern. Change the object itself.",
        "DeploymentPatch kagent/kagent-controller (apps/v1): patches an object beside those that govern. Change the object itself.",
      ],
    },
  },
  unknown: ["ShopPatch shop/a", "metadata.namespace"],
});

cases("admission-policies-present", {
  variant: native,
  violating: {
    "Agents that nothing checks": {
      change: (s) => s.drop(POLICY, BINDING),
      finds: [
        "Namespace team-alpha (v1): no admission policy of this stack checks agents, sandboxagents, agentharnesses. Deploy it with what it governs.",
      ],
    },
    "a policy that is not bound": {
      change: (s) => s.drop(BINDING),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1): is not in force. Add its binding or constraint.",
      ],
    },
    "tables that cannot be read": {
      change: (s) => s.set(POLICY, "spec.variables[0].expression", "{}"),
      finds: [
        "Namespace team-alpha (v1): no admission policy of this stack checks agents, sandboxagents, agentharnesses. Deploy it with what it governs.",
      ],
    },
  },
  unknown: [POLICY, "spec.variables[0].expression"],
});

cases("admission-reviewed-source", {
  variant: native,
  violating: {
    "a loosened expression": {
      change: (s) => s.set(POLICY, "spec.validations[0].expression", "true"),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec: the expressions are none that were reviewed for agents. Restore them, or review and record them.",
      ],
    },
    "an expression less": {
      change: (s) => s.set(POLICY, "spec.validations[3]", undefined),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec: the expressions are none that were reviewed for agents. Restore them, or review and record them.",
      ],
    },
    "a variable that says something else": {
      change: (s) => s.set(POLICY, "spec.variables[3].expression", "false"),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec: the expressions are none that were reviewed for agents. Restore them, or review and record them.",
      ],
    },
  },
  unknown: [POLICY, "spec.validations[0].expression"],
});

cases("admission-native-fails-closed", {
  variant: native,
  violating: {
    "failing open": {
      change: (s) => s.set(POLICY, "spec.failurePolicy", "Ignore"),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.failurePolicy: must be Fail.",
      ],
    },
    "only a warning": {
      change: (s) => s.set(BINDING, "spec.validationActions", ["Warn"]),
      finds: [
        "ValidatingAdmissionPolicyBinding kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.validationActions: must list Deny.",
      ],
    },
    "namespaces that a label takes out": {
      change: (s) => s.set(POLICY, "spec.matchConstraints.namespaceSelector", { matchLabels: { a: "b" } }),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.namespaceSelector: leaves objects out by labels. Remove it.",
      ],
    },
    "a condition": {
      change: (s) => s.set(POLICY, "spec.matchConditions", [{ name: "a", expression: "false" }]),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConditions: leaves objects out. Remove it.",
      ],
    },
    "updates that nobody looks at": {
      change: (s) => s.set(POLICY, "spec.matchConstraints.resourceRules[0].operations", ["CREATE"]),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.resourceRules: must match CREATE and UPDATE of agents in every version.",
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.resourceRules: must match CREATE and UPDATE of sandboxagents in every version.",
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.resourceRules: must match CREATE and UPDATE of agentharnesses in every version.",
      ],
    },
    "a way round by a subresource": {
      change: (s) =>
        s.set(
          "ValidatingAdmissionPolicy kagent-a2a-namespaces",
          "spec.matchConstraints.resourceRules[0].resources",
          ["*"],
        ),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-namespaces (admissionregistration.k8s.io/v1), spec.matchConstraints.resourceRules: must match CREATE and UPDATE of namespaces/* in every version.",
      ],
    },
    "another version of the API": {
      change: (s) => s.set(POLICY, "spec.matchConstraints.resourceRules[0].apiVersions", ["v1alpha2"]),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.resourceRules: must match CREATE and UPDATE of agents in every version.",
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.resourceRules: must match CREATE and UPDATE of sandboxagents in every version.",
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.resourceRules: must match CREATE and UPDATE of agentharnesses in every version.",
      ],
    },
    "a binding for some namespaces": {
      change: (s) =>
        s.set(BINDING, "spec.matchResources", { namespaceSelector: { matchLabels: { a: "b" } } }),
      finds: [
        "ValidatingAdmissionPolicyBinding kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchResources.namespaceSelector: leaves objects out by labels. Remove it.",
      ],
    },
    "objects left out by name": {
      change: (s) => s.set(POLICY, "spec.matchConstraints.excludeResourceRules", [{ resources: ["agents"] }]),
      finds: [
        "ValidatingAdmissionPolicy kagent-a2a-agents (admissionregistration.k8s.io/v1), spec.matchConstraints.excludeResourceRules: leaves objects out. Remove it.",
      ],
    },
  },
  unknown: [POLICY, "spec.failurePolicy"],
});

cases("admission-constraint-denies", {
  variant: gatekeeper,
  violating: {
    "only a note": {
      change: (s) => s.set(CONSTRAINT, "spec.enforcementAction", "dryrun"),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.enforcementAction: must be deny.",
      ],
    },
    "failing open": {
      change: (s) => s.set(TEMPLATE, "spec.targets[0].code[0].source.failurePolicy", "Ignore"),
      finds: [
        "ConstraintTemplate kagenta2aagents (templates.gatekeeper.sh/v1), spec.targets[0].code[0].source.failurePolicy: must be Fail.",
      ],
    },
    "an excluded namespace": {
      change: (s) => s.set(CONSTRAINT, "spec.match.excludedNamespaces", ["team-alpha"]),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.match.excludedNamespaces: leaves objects out. Remove it.",
      ],
    },
    "a kind less": {
      change: (s) => s.set(CONSTRAINT, "spec.match.kinds[0].kinds[1]", undefined),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.match.kinds: must name SandboxAgent.",
      ],
    },
  },
  unknown: [CONSTRAINT, "spec.enforcementAction"],
});

cases("admission-gatekeeper-values", {
  variant: gatekeeper,
  violating: {
    "the chart's default, fail-open": {
      change: (s) => s.set(RELEASE, "values.validatingWebhookFailurePolicy", undefined),
      finds: [
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookFailurePolicy: must be Fail.",
      ],
    },
    "conditions, a selector, no audit and no CEL": {
      change: (s) =>
        s
          .set(RELEASE, "values.validatingWebhookMatchConditions", [{ name: "none", expression: "false" }])
          .set(RELEASE, "values.validatingWebhookObjectSelector", { matchLabels: { a: "b" } })
          .set(RELEASE, "values.validatingWebhookCheckIgnoreFailurePolicy", "Ignore")
          .set(RELEASE, "values.disableAudit", true)
          .set(RELEASE, "values.enableK8sNativeValidation", false),
      finds: [
        `${RELEASE} (helm.sh/v3), values.validatingWebhookMatchConditions: lets something pass unasked. Remove it.`,
        `${RELEASE} (helm.sh/v3), values.validatingWebhookObjectSelector: lets something pass unasked. Remove it.`,
        `${RELEASE} (helm.sh/v3), values.validatingWebhookCheckIgnoreFailurePolicy: must be Fail.`,
        `${RELEASE} (helm.sh/v3), values.disableAudit: switches off what finds objects that are older than a rule. Remove it.`,
        `${RELEASE} (helm.sh/v3), values.enableK8sNativeValidation: switches off the language that the rules are written in.`,
      ],
    },
    "a label that exempts": {
      change: (s) =>
        s
          .set(RELEASE, "values.postInstall", undefined)
          .set(RELEASE, "values.validatingWebhookExemptNamespacesLabels", {
            a: ["b"],
          })
          .set(RELEASE, "values.disableValidatingWebhook", true),
      finds: [
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.postInstall.labelNamespace.enabled: must be false: the stack owns the namespace and its labels.",
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookExemptNamespacesLabels: lets a label take a namespace out. Remove it.",
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.disableValidatingWebhook: switches admission off. Remove it.",
      ],
    },
  },
  unknown: [RELEASE, "values.validatingWebhookFailurePolicy"],
});

cases("admission-gatekeeper-scope", {
  variant: gatekeeper,
  violating: {
    "the chart's default, every resource of the cluster": {
      change: (s) => s.set(RELEASE, "values.validatingWebhookCustomRules", undefined),
      finds: [
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookCustomRules: must list what the webhook is asked about: while it is down, everything else of the cluster goes on.",
      ],
    },
    "every group, and pods": {
      change: (s) =>
        s
          .set(RELEASE, "values.validatingWebhookCustomRules[0].apiGroups", ["*"])
          .set(RELEASE, "values.validatingWebhookCustomRules[1].resources", [
            "namespaces",
            "namespaces/*",
            "pods",
          ]),
      finds: [
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookCustomRules[0].apiGroups: asks about group *, which is not governed. Remove it.",
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookCustomRules[1].resources: asks about pods of the core group. Only namespaces are governed there.",
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookCustomRules: must ask about CREATE and UPDATE of kagent.dev *, in every version and scope.",
      ],
    },
    "an update that nobody asks about": {
      change: (s) => s.set(RELEASE, "values.validatingWebhookCustomRules[1].operations", ["CREATE"]),
      finds: [
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookCustomRules: must ask about CREATE and UPDATE of the core group namespaces, in every version and scope.",
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookCustomRules: must ask about CREATE and UPDATE of the core group namespaces/*, in every version and scope.",
      ],
    },
    "a way round by a subresource": {
      change: (s) => s.set(RELEASE, "values.validatingWebhookCustomRules[1].resources", ["namespaces"]),
      finds: [
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.validatingWebhookCustomRules: must ask about CREATE and UPDATE of the core group namespaces/*, in every version and scope.",
      ],
    },
    "an exempt namespace": {
      change: (s) =>
        s
          .set(RELEASE, "values.controllerManager.exemptNamespaces", ["gatekeeper-system", "team-alpha"])
          .set(RELEASE, "values.controllerManager.exemptNamespacePrefixes", ["team-"]),
      finds: [
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.controllerManager.exemptNamespaces[1]: exempts team-alpha. Gatekeeper's own namespace alone may be exempt.",
        "Release gatekeeper-system/gatekeeper (helm.sh/v3), values.controllerManager.exemptNamespacePrefixes: exempts namespaces that nobody has named yet. Remove it.",
      ],
    },
  },
  unknown: [RELEASE, "values.validatingWebhookCustomRules"],
});

const rego = (source: string) =>
  manifest("templates.gatekeeper.sh/v1", "ConstraintTemplate", "unique", {
    spec: {
      crd: { spec: { names: { kind: "Unique" } } },
      targets: [{ target: "admission.k8s.gatekeeper.sh", rego: source }],
    },
  });
cases("admission-no-inventory", {
  with: [rego("violation[{}] { input.review.object.spec }")],
  violating: {
    "an inventory that is empty": {
      change: (s) =>
        s.set("ConstraintTemplate unique", "spec.targets[0].rego", "data.inventory.cluster.v1.Namespace[x]"),
      finds: [
        "ConstraintTemplate unique (templates.gatekeeper.sh/v1), spec.targets[0].rego: reads data.inventory, and nothing is synchronised into it. Add a SyncSet.",
      ],
    },
  },
  unknown: ["ConstraintTemplate unique", "spec.targets[0].rego"],
});

cases("admission-declared-delegations", {
  variant: gatekeeper,
  violating: {
    "a delegation that nobody makes": {
      change: (s) =>
        s.push(CONSTRAINT, `${PARAMETERS}.delegations["team-beta/specialist"]`, "team-alpha/orchestrator"),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.parameters: declares team-beta/specialist -> team-alpha/orchestrator, which the Agent does not make. Remove it.",
      ],
    },
    "a delegation that is not declared": {
      change: (s) => s.set(CONSTRAINT, `${PARAMETERS}.delegations["team-alpha/orchestrator"]`, []),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.parameters: does not declare team-alpha/orchestrator -> team-beta/specialist, which the Agent makes. Declare it.",
      ],
    },
    "an agent that is not there": {
      change: (s) => s.set(CONSTRAINT, `${PARAMETERS}.delegations["team-alpha/ghost"]`, []),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.parameters: declares team-alpha/ghost, and there is no such Agent in this stack. Remove it.",
      ],
    },
    "a namespace without a caller": {
      change: (s) => s.push(CONSTRAINT, `${PARAMETERS}.callers["team-beta/specialist"]`, "shop"),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.parameters: lets team-beta/specialist allow namespace shop, where it has no caller. Remove it.",
      ],
    },
  },
  unknown: [CONSTRAINT, `${PARAMETERS}.delegations["team-alpha/orchestrator"]`],
});

cases("admission-declared-scope", {
  variant: gatekeeper,
  violating: {
    "a tenant that is not checked": {
      change: (s) => s.set(CONSTRAINT, `${PARAMETERS}.tenants["team-beta"]`, undefined),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.parameters: tenants does not name the tenant team-beta. Add it.",
      ],
    },
    "a Secret that is not the agent's": {
      change: (s) =>
        s.set(CONSTRAINT, `${PARAMETERS}.agents["team-alpha/orchestrator"]`, [
          "gpt-api-key",
          "orchestrator-a2a-tokens",
        ]),
      finds: [
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.parameters: agents gives team-alpha/orchestrator the Secret gpt-api-key, which holds another object's credentials. Remove it.",
        "KagentA2AAgents kagent-a2a-agents (constraints.gatekeeper.sh/v1beta1), spec.parameters: agents gives team-alpha/orchestrator the Secret orchestrator-a2a-tokens, which holds another object's credentials. Remove it.",
      ],
    },
    "a Secret that is no API key": {
      change: (s) =>
        s.push(
          "KagentA2AModelConfigs kagent-a2a-model-configs",
          `${PARAMETERS}.apiKeys["team-alpha"]`,
          "orchestrator-a2a-tokens",
        ),
      finds: [
        "KagentA2AModelConfigs kagent-a2a-model-configs (constraints.gatekeeper.sh/v1beta1), spec.parameters: apiKeys gives team-alpha the Secret orchestrator-a2a-tokens, which no ModelConfig there uses. Remove it.",
      ],
    },
    "an older version of Pod Security": {
      change: (s) =>
        s.push("KagentA2ANamespaces kagent-a2a-namespaces", `${PARAMETERS}.podSecurity["team-beta"]`, "v1.0"),
      finds: [
        "KagentA2ANamespaces kagent-a2a-namespaces (constraints.gatekeeper.sh/v1beta1), spec.parameters: podSecurity lets team-beta enforce a version that its Namespace does not carry. Remove it.",
      ],
    },
    "a label for a namespace that has none": {
      change: (s) =>
        s.push(
          "KagentA2ANamespaces kagent-a2a-namespaces",
          `${PARAMETERS}.governed["team-beta"]`,
          "kagent.dev/agent-consumer",
        ),
      finds: [
        "KagentA2ANamespaces kagent-a2a-namespaces (constraints.gatekeeper.sh/v1beta1), spec.parameters: governed gives team-beta the label kagent.dev/agent-consumer, which its Namespace does not carry. Remove it.",
      ],
    },
    "a namespace that may do what it likes": {
      change: (s) =>
        s.set("KagentA2ANamespaces kagent-a2a-namespaces", `${PARAMETERS}.governed.kagent`, undefined),
      finds: [
        "KagentA2ANamespaces kagent-a2a-namespaces (constraints.gatekeeper.sh/v1beta1), spec.parameters: governed does not name the governed namespace kagent. Add it.",
      ],
    },
  },
  unknown: [CONSTRAINT, `${PARAMETERS}.tenants`],
});

cases("admission-delegation-labels", {
  violating: {
    "a consumer that delegates nothing": {
      change: (s) => s.set("Namespace team-beta", 'metadata.labels["kagent.dev/agent-consumer"]', "true"),
      finds: [
        'Namespace team-beta (v1), metadata.labels["kagent.dev/agent-consumer"]: no Agent here needs it. Remove it.',
      ],
    },
    "a caller's namespace without the label": {
      change: (s) => s.set("Namespace team-alpha", 'metadata.labels["kagent.dev/agent-consumer"]', undefined),
      finds: [
        'Namespace team-alpha (v1), metadata.labels["kagent.dev/agent-consumer"]: must be "true": an Agent here takes part in a delegation between namespaces.',
      ],
    },
    "a namespace that labels itself": {
      change: (s) =>
        s.add(
          manifest("v1", "Namespace", "rogue", {
            metadata: { labels: { "kagent.dev/agent-provider": "true" } },
          }),
        ),
      finds: [
        'Namespace rogue (v1), metadata.labels["kagent.dev/agent-provider"]: no Agent here needs it. Remove it.',
      ],
    },
  },
  unknown: ["Namespace team-alpha", 'metadata.labels["kagent.dev/agent-consumer"]'],
  notApplicable: FOREIGN.filter(({ kind }) => kind !== "Namespace"),
});

const CONFIG = "Config gatekeeper-system/config";
const CHANGED = "changes governed objects on their way in. Let it name other kinds, or remove it.";
const LEFT_OUT = "takes a governed namespace out. Remove it.";
const mutatingWebhook = (apiGroups: string[], resources: string[]) =>
  manifest("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "x", {
    webhooks: [{ name: "x.example.com", rules: [{ apiGroups, resources }] }],
  });

cases("admission-not-bypassed", {
  variant: gatekeeper,
  with: [
    manifest("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "shop", {
      webhooks: [{ name: "shop.example.com", rules: [{ apiGroups: ["", "apps"], resources: ["pods"] }] }],
    }),
    manifest("mutations.gatekeeper.sh/v1", "Assign", "shop", {
      spec: { applyTo: [{ groups: ["apps"], kinds: ["Deployment"], versions: ["v1"] }] },
    }),
  ],
  violating: {
    "tenants that Gatekeeper leaves out": {
      change: (s) =>
        s.push(CONFIG, "spec.match", {
          excludedNamespaces: ["team-*", "kagent", "kube-*"],
          processes: ["*"],
        }),
      finds: [0, 1].map(
        (index) =>
          `${CONFIG} (config.gatekeeper.sh/v1alpha1), spec.match[1].excludedNamespaces[${index}]: ${LEFT_OUT}`,
      ),
    },
    "a tenant that is ignored": {
      change: (s) => s.set("Namespace team-alpha", 'metadata.labels["admission.gatekeeper.sh/ignore"]', "x"),
      finds: [
        'Namespace team-alpha (v1), metadata.labels["admission.gatekeeper.sh/ignore"]: takes the namespace out of admission. Remove it.',
      ],
    },
    "Agents that somebody changes": {
      change: (s) =>
        s.add(
          manifest("mutations.gatekeeper.sh/v1", "Assign", "x", {
            spec: { applyTo: [{ groups: ["kagent.dev"], kinds: ["Agent"], versions: ["*"] }] },
          }),
          manifest("mutations.gatekeeper.sh/v1", "AssignMetadata", "x", { spec: {} }),
          manifest("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", "x", {
            spec: { matchConstraints: { resourceRules: [{ apiGroups: ["*"], resources: ["*"] }] } },
          }),
          mutatingWebhook([""], ["namespaces"]),
        ),
      finds: [
        `Assign x (mutations.gatekeeper.sh/v1): ${CHANGED}`,
        `AssignMetadata x (mutations.gatekeeper.sh/v1): ${CHANGED}`,
        `MutatingAdmissionPolicy x (admissionregistration.k8s.io/v1beta1): ${CHANGED}`,
        `MutatingWebhookConfiguration x (admissionregistration.k8s.io/v1): ${CHANGED}`,
      ],
    },
  },
  unknown: [CONFIG, "spec.match"],
});
