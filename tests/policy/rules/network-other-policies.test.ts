import { cases, FOREIGN } from "../support/cases";
import { type Draft, manifest } from "../support/draft";

const ANP = "policy.networking.k8s.io/v1alpha1";
const CNP = "policy.networking.k8s.io/v1alpha2";
const CILIUM = "cilium.io/v2";
const STORED = "crd.projectcalico.org/v1";
const CALICO = "projectcalico.org/v3";

const everybody = { namespaces: {} };
const named = (operator: string, ...values: string[]) => ({
  namespaces: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values }] },
});
const admin = (subject: object, action: string) =>
  manifest(ANP, "AdminNetworkPolicy", "other", { spec: { subject, ingress: [{ action }] } });
const cluster = (tier: string, action: string) =>
  manifest(CNP, "ClusterNetworkPolicy", "other", {
    spec: { tier, subject: everybody, egress: [{ action }] },
  });
const cilium = (rest: Record<string, unknown>) =>
  manifest(CILIUM, "CiliumNetworkPolicy", "team-beta/other", rest);
const clusterwide = (spec: object) => manifest(CILIUM, "CiliumClusterwideNetworkPolicy", "other", { spec });
const calico = (spec: object, apiVersion = STORED) =>
  manifest(apiVersion, "NetworkPolicy", "team-beta/other", { spec });
const global = (spec: object) => manifest(CALICO, "GlobalNetworkPolicy", "other", { spec });

const allow = [{ action: "Allow" }];
const opening = [{ fromEntities: ["cluster"] }];
const PAST = "past the stack's NetworkPolicies. Remove it";
const IN_TEAM = `allows traffic ${PAST}.`;
const about = (namespaces: string, key: string) =>
  `may allow traffic of ${namespaces} ${PAST}, or have the policy leave out these namespaces by ${key}.`;
const ALL = "team-alpha, team-beta, kagent";
const [ADMIN_KEY, CILIUM_KEY, CALICO_KEY] = [
  "kubernetes.io/metadata.name",
  "io.kubernetes.pod.namespace",
  "projectcalico.org/name",
];

const refused = (object: ReturnType<typeof manifest>, ...finds: string[]) => ({
  change: (s: Draft) => s.add(object),
  finds,
});

cases("network-no-other-policies", {
  with: [
    // What only denies, is about others, or comes after NetworkPolicies.
    manifest(ANP, "AdminNetworkPolicy", "first", {
      spec: { subject: everybody, ingress: [{ action: "Deny" }, { action: "Pass" }] },
    }),
    manifest(ANP, "AdminNetworkPolicy", "shop", {
      spec: { subject: named("In", "shop"), egress: allow },
    }),
    manifest(ANP, "AdminNetworkPolicy", "rest", {
      spec: { subject: named("NotIn", "kagent", "team-alpha", "team-beta"), egress: allow },
    }),
    manifest(ANP, "AdminNetworkPolicy", "pods", {
      spec: {
        subject: { pods: { namespaceSelector: { matchLabels: { [ADMIN_KEY]: "shop" } }, podSelector: {} } },
        egress: allow,
      },
    }),
    manifest(ANP, "BaselineAdminNetworkPolicy", "default", { spec: { subject: everybody, ingress: allow } }),
    manifest(CNP, "ClusterNetworkPolicy", "baseline", {
      spec: { tier: "Baseline", subject: everybody, ingress: [{ action: "Accept" }] },
    }),
    manifest(CILIUM, "CiliumNetworkPolicy", "team-beta/deny", {
      spec: {
        endpointSelector: {},
        ingress: [{}, { fromEndpoints: [] }],
        egressDeny: [{ toEntities: ["all"] }],
      },
    }),
    manifest(CILIUM, "CiliumNetworkPolicy", "shop/open", {
      spec: { endpointSelector: {}, ingress: opening },
    }),
    manifest(CILIUM, "CiliumClusterwideNetworkPolicy", "hosts", {
      spec: { nodeSelector: {}, ingress: opening },
    }),
    manifest(CILIUM, "CiliumClusterwideNetworkPolicy", "shop", {
      spec: {
        endpointSelector: { matchLabels: { "k8s:io.kubernetes.pod.namespace": "shop" } },
        ingress: opening,
      },
    }),
    manifest(STORED, "NetworkPolicy", "shop/open", { spec: { ingress: allow } }),
    manifest(STORED, "NetworkPolicy", "team-beta/passes", {
      spec: { tier: "platform", ingress: [{ action: "Log" }, { action: "Pass" }] },
    }),
    manifest(CALICO, "GlobalNetworkPolicy", "hosts", { spec: { preDNAT: true, ingress: allow } }),
    ...[`${CALICO_KEY} == 'shop'`, `${CALICO_KEY} not in {"kagent", 'team-alpha','team-beta' }`].map(
      (namespaceSelector, index) =>
        manifest(CALICO, "GlobalNetworkPolicy", `named-${index}`, {
          spec: { namespaceSelector, ingress: allow },
        }),
    ),
  ],
  violating: {
    "an AdminNetworkPolicy for everybody": refused(
      admin(everybody, "Allow"),
      `AdminNetworkPolicy other (${ANP}), spec.ingress[0]: ${about(ALL, ADMIN_KEY)}`,
    ),
    "one that names a tenant": refused(
      admin(named("In", "shop", "team-beta"), "Allow"),
      `AdminNetworkPolicy other (${ANP}), spec.ingress[0]: ${about("team-beta", ADMIN_KEY)}`,
    ),
    "one that leaves out the tenants and not kagent": refused(
      admin(named("NotIn", "team-alpha", "team-beta"), "Allow"),
      `AdminNetworkPolicy other (${ANP}), spec.ingress[0]: ${about("kagent", ADMIN_KEY)}`,
    ),
    "one for whoever has a label": refused(
      admin({ namespaces: { matchLabels: { team: "shop" } } }, "Allow"),
      `AdminNetworkPolicy other (${ANP}), spec.ingress[0]: ${about(ALL, ADMIN_KEY)}`,
    ),
    "an action that nobody knows": refused(
      admin(everybody, "Mirror"),
      `AdminNetworkPolicy other (${ANP}), spec.ingress[0]: ${about(ALL, ADMIN_KEY)}`,
    ),
    "a ClusterNetworkPolicy in the tier that comes first": refused(
      cluster("Admin", "Accept"),
      `ClusterNetworkPolicy other (${CNP}), spec.egress[0]: ${about(ALL, ADMIN_KEY)}`,
    ),
    "fields that only another kind has": {
      change: (s) =>
        s.add(
          manifest(ANP, "AdminNetworkPolicy", "other", {
            spec: { tier: "Baseline", subject: everybody, ingress: allow },
          }),
          calico({ preDNAT: true, ingress: allow }),
        ),
      finds: [
        `AdminNetworkPolicy other (${ANP}), spec.ingress[0]: ${about(ALL, ADMIN_KEY)}`,
        `NetworkPolicy team-beta/other (${STORED}), spec.ingress[0]: ${IN_TEAM}`,
      ],
    },
    "Cilium's in a team's namespace": refused(
      cilium({
        spec: { endpointSelector: {}, ingress: [{}, ...opening] },
        specs: [{ endpointSelector: {}, egress: [{ toPorts: [{ ports: [{ port: "443" }] }] }] }],
      }),
      `CiliumNetworkPolicy team-beta/other (${CILIUM}), spec.ingress[1]: ${IN_TEAM}`,
      `CiliumNetworkPolicy team-beta/other (${CILIUM}), specs[0].egress[0]: ${IN_TEAM}`,
    ),
    "Cilium's for the whole cluster": refused(
      clusterwide({ endpointSelector: { matchLabels: { app: "kagent" } }, ingress: opening }),
      `CiliumClusterwideNetworkPolicy other (${CILIUM}), spec.ingress[0]: ${about(ALL, CILIUM_KEY)}`,
    ),
    "Cilium's that leaves out one team": refused(
      clusterwide({
        endpointSelector: {
          matchExpressions: [{ key: CILIUM_KEY, operator: "NotIn", values: ["team-alpha"] }],
        },
        ingress: opening,
      }),
      `CiliumClusterwideNetworkPolicy other (${CILIUM}), spec.ingress[0]: ${about("team-beta, kagent", CILIUM_KEY)}`,
    ),
    "Calico's in a team's namespace": refused(
      calico({ order: 5000, ingress: allow }),
      `NetworkPolicy team-beta/other (${STORED}), spec.ingress[0]: ${IN_TEAM}`,
    ),
    "Calico's that passes on what NetworkPolicies deny": refused(
      calico({ egress: [{ action: "Pass" }] }, CALICO),
      `NetworkPolicy team-beta/other (${CALICO}), spec.egress[0]: ${IN_TEAM}`,
    ),
    "Calico's that passes in a tier without a name, which is the same": refused(
      calico({ tier: "", egress: [{ action: "Pass" }] }, CALICO),
      `NetworkPolicy team-beta/other (${CALICO}), spec.egress[0]: ${IN_TEAM}`,
    ),
    "Calico's for the whole cluster": refused(
      global({ selector: "app == 'kagent'", ingress: allow }),
      `GlobalNetworkPolicy other (${CALICO}), spec.ingress[0]: ${about(ALL, CALICO_KEY)}`,
    ),
    "Calico's that names a team": refused(
      global({ namespaceSelector: `${CALICO_KEY} in {'shop', "team-alpha"}`, ingress: allow }),
      `GlobalNetworkPolicy other (${CALICO}), spec.ingress[0]: ${about("team-alpha", CALICO_KEY)}`,
    ),
    "Calico's that says more than names": refused(
      global({ namespaceSelector: `${CALICO_KEY} == 'shop' || all()`, ingress: allow }),
      `GlobalNetworkPolicy other (${CALICO}), spec.ingress[0]: ${about(ALL, CALICO_KEY)}`,
    ),
    "Calico's by a label that only begins like the name": refused(
      global({ namespaceSelector: `${CALICO_KEY}in {'shop'}`, ingress: allow }),
      `GlobalNetworkPolicy other (${CALICO}), spec.ingress[0]: ${about(ALL, CALICO_KEY)}`,
    ),
  },
  unknown: ["AdminNetworkPolicy first", "spec.ingress[0].action"],
  notApplicable: [...FOREIGN, admin(everybody, "Allow")],
});
