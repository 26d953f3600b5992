import { auditPolicy } from "../../../components/layers/audit";
import { readTopology } from "../../../topology/index";
import { cases } from "../support/cases";
import type { Draft, Loose } from "../support/draft";
import { shippedConfiguration } from "../support/stacks";

const shippedPolicy = {
  metadata: { name: "shipped" },
  ...auditPolicy(readTopology(shippedConfiguration())),
} as unknown as Loose;
const POLICY = "Policy shipped";
const first = (s: Draft, rule: Loose) =>
  s.set(POLICY, "rules", [rule, ...(s.read(POLICY, "rules") as unknown[])]);

cases("audit-no-secret-bodies", {
  with: [shippedPolicy],
  violating: {
    "minted tokens": {
      change: (s) =>
        first(s, {
          level: "RequestResponse",
          resources: [{ group: "", resources: ["serviceaccounts/token"] }],
        }),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of serviceaccounts/token. Put a Metadata rule for them before it.",
      ],
    },
    "Secrets that are deleted together": {
      change: (s) =>
        first(s, {
          level: "RequestResponse",
          verbs: ["deletecollection"],
          resources: [{ group: "", resources: ["secrets"] }],
        }),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of secrets. Put a Metadata rule for them before it.",
      ],
    },
    "everything, first": {
      change: (s) => first(s, { level: "Request", users: ["somebody"] }),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of secrets. Put a Metadata rule for them before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of configmaps. Put a Metadata rule for them before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of serviceaccounts/token. Put a Metadata rule for them before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of tokenreviews. Put a Metadata rule for them before it.",
      ],
    },
    "no rule that holds them back": {
      change: (s) => s.set(POLICY, "rules", [{ level: "Request" }]),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of secrets. Put a Metadata rule for them before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of configmaps. Put a Metadata rule for them before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of serviceaccounts/token. Put a Metadata rule for them before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: logs the bodies of tokenreviews. Put a Metadata rule for them before it.",
      ],
    },
  },
  unknown: [POLICY, "rules[0].level"],
});

const leavesOut = (where: string, resources: readonly string[]) =>
  `Policy shipped (audit.k8s.io/v1), ${where}: leaves out requests for ${resources.join(", ")}. Log all of them at Metadata, before a rule with None and at the end.`;
const none = (group: string, resources: string[], ...verbs: string[]) => ({
  level: "None",
  resources: [{ group, resources }],
  ...(verbs.length > 0 && { verbs }),
});
const OTHER_POLICIES = [
  ...["adminnetworkpolicies", "clusternetworkpolicies", "ciliumnetworkpolicies"],
  ...["ciliumclusterwidenetworkpolicies", "globalnetworkpolicies"],
];
const OMITS = "omitStages: leaves out ResponseComplete: nothing that was answered is logged. Remove it.";

cases("audit-sees-secrets", {
  with: [shippedPolicy],
  violating: {
    "somebody whom nobody sees": {
      change: (s) => first(s, { level: "None", users: ["admin"] }),
      finds: [
        leavesOut("rules[0]", [
          ...["secrets", "serviceaccounts/token", "pods/exec", "namespaces", "networkpolicies"],
          ...OTHER_POLICIES,
          ...["rolebindings", "clusterrolebindings", "authorizationpolicies", "peerauthentications"],
          ...["requestauthentications", "validatingadmissionpolicies", "validatingadmissionpolicybindings"],
          ...["validatingwebhookconfigurations", "kagenta2aagents", "constrainttemplates"],
        ]),
      ],
    },
    "changes of Secrets": {
      change: (s) => first(s, none("", ["secrets"], "update", "delete", "list")),
      finds: [leavesOut("rules[0]", ["secrets"])],
    },
    "changes of what governs": {
      change: (s) =>
        first(s, {
          level: "None",
          verbs: ["create"],
          resources: ["security.istio.io", "networking.k8s.io", "constraints.gatekeeper.sh"].map((group) => ({
            group,
          })),
        }),
      finds: [
        leavesOut("rules[0]", [
          "networkpolicies",
          "authorizationpolicies",
          "peerauthentications",
          "requestauthentications",
          "kagenta2aagents",
        ]),
      ],
    },
    "changes of policies of network plugins": {
      change: (s) =>
        first(s, {
          level: "None",
          resources: ["policy.networking.k8s.io", "cilium.io", "crd.projectcalico.org"].map((group) => ({
            group,
          })),
        }),
      finds: [
        leavesOut("rules[0]", [...OTHER_POLICIES.slice(0, 4), "networkpolicies", "globalnetworkpolicies"]),
      ],
    },
    "those of Calico's own API": {
      change: (s) => first(s, none("projectcalico.org", ["globalnetworkpolicies"], "delete")),
      finds: [leavesOut("rules[0]", ["globalnetworkpolicies"])],
    },
    "no catch-all": {
      change: (s) =>
        s.set(POLICY, "rules", [none("", ["events"]), { level: "Metadata", resources: [{ group: "" }] }]),
      finds: [
        leavesOut("rules", [
          "networkpolicies",
          ...OTHER_POLICIES,
          ...["rolebindings", "clusterrolebindings", "authorizationpolicies"],
          ...["peerauthentications", "requestauthentications", "validatingadmissionpolicies"],
          ...["validatingadmissionpolicybindings", "validatingwebhookconfigurations", "kagenta2aagents"],
          "constrainttemplates",
        ]),
      ],
    },
    "answers that nobody sees": {
      change: (s) =>
        s
          .set(POLICY, "omitStages", ["RequestReceived", "ResponseComplete"])
          .set(POLICY, "rules[0].omitStages", ["ResponseComplete"]),
      finds: ["", "rules[0]."].map((at) => `Policy shipped (audit.k8s.io/v1), ${at}${OMITS}`),
    },
  },
  unknown: [POLICY, "rules[0].resources"],
});

const CHANGES = ["create", "update", "patch", "delete", "deletecollection"];
const ofKagent = (message: (verb: string, resource: string) => string) =>
  ["agents", "modelconfigs", "remotemcpservers"].flatMap((resource) =>
    CHANGES.map((verb) => `Policy shipped (audit.k8s.io/v1), ${message(verb, resource)}`),
  );

cases("audit-kagent-bodies", {
  with: [shippedPolicy],
  violating: {
    "delegations without their text": {
      change: (s) => first(s, { level: "Metadata", resources: [{ group: "kagent.dev" }] }),
      finds: ofKagent(
        (verb, resource) =>
          `rules[0].level: ${verb} of ${resource} is not logged whole. Write RequestResponse, or put such a rule before it.`,
      ),
    },
    "nothing of kagent": {
      change: (s) =>
        s.set(POLICY, "rules", [{ level: "Metadata", resources: [{ group: "", resources: ["secrets"] }] }]),
      finds: ofKagent(
        (verb, resource) => `rules: no rule logs ${verb} of ${resource}. Write one at RequestResponse.`,
      ),
    },
  },
  unknown: [POLICY, "rules[1].level"],
});

cases("audit-specific-first", {
  with: [shippedPolicy],
  violating: {
    "a catch-all before the rest": {
      change: (s) => first(s, { level: "Metadata" }),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0]: matches everything, and rules follow it. Move it to the end.",
      ],
    },
    "no level": {
      change: (s) => first(s, { level: "Full", users: ["a"] }),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0].level: must be one of None, Metadata, Request, RequestResponse.",
      ],
    },
    "no rule": {
      change: (s) => s.set(POLICY, "rules", []),
      finds: ["Policy shipped (audit.k8s.io/v1), rules: holds no rule: nothing is logged."],
    },
  },
  unknown: [POLICY, "rules[0].level"],
});
