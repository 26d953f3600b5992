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

cases("audit-sees-secrets", {
  with: [shippedPolicy],
  violating: {
    "somebody whom nobody sees": {
      change: (s) => first(s, { level: "None", users: ["admin"] }),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out get of secrets. Remove or narrow the rule.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out create of secrets. Remove or narrow the rule.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out create of serviceaccounts/token. Remove or narrow the rule.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out create of pods/exec. Remove or narrow the rule.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out delete of networkpolicies. Remove or narrow the rule.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out create of rolebindings. Remove or narrow the rule.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out delete of authorizationpolicies. Remove or narrow the rule.",
        "Policy shipped (audit.k8s.io/v1), rules[0]: leaves out delete of validatingadmissionpolicybindings. Remove or narrow the rule.",
      ],
    },
    "no catch-all": {
      change: (s) => s.set(POLICY, "rules", [{ level: "Metadata", verbs: ["create"] }]),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs get of secrets. End with level Metadata.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs delete of networkpolicies. End with level Metadata.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs delete of authorizationpolicies. End with level Metadata.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs delete of validatingadmissionpolicybindings. End with level Metadata.",
      ],
    },
  },
  unknown: [POLICY, "rules[0].resources"],
});

cases("audit-kagent-bodies", {
  with: [shippedPolicy],
  violating: {
    "delegations without their text": {
      change: (s) => first(s, { level: "Metadata", resources: [{ group: "kagent.dev" }] }),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules[0].level: create of agents is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: update of agents is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: patch of agents is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: delete of agents is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: create of modelconfigs is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: update of modelconfigs is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: patch of modelconfigs is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: delete of modelconfigs is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: create of remotemcpservers is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: update of remotemcpservers is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: patch of remotemcpservers is not logged whole. Write RequestResponse, or put such a rule before it.",
        "Policy shipped (audit.k8s.io/v1), rules[0].level: delete of remotemcpservers is not logged whole. Write RequestResponse, or put such a rule before it.",
      ],
    },
    "nothing of kagent": {
      change: (s) =>
        s.set(POLICY, "rules", [{ level: "Metadata", resources: [{ group: "", resources: ["secrets"] }] }]),
      finds: [
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs create of agents. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs update of agents. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs patch of agents. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs delete of agents. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs create of modelconfigs. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs update of modelconfigs. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs patch of modelconfigs. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs delete of modelconfigs. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs create of remotemcpservers. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs update of remotemcpservers. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs patch of remotemcpservers. Write one at RequestResponse.",
        "Policy shipped (audit.k8s.io/v1), rules: no rule logs delete of remotemcpservers. Write one at RequestResponse.",
      ],
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
