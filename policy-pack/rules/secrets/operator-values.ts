import { rule } from "../../framework/rule";
import { releasesOf } from "../../reading/releases";

/** Kinds of the whole cluster, and pushing secrets out of it. */
const OFF = [
  "processClusterExternalSecret",
  "processClusterGenerator",
  "processClusterPushSecret",
  "processClusterStore",
  "processPushSecret",
] as const;

export const operatorValues = rule({
  name: "secrets-operator-values",
  layer: "secrets",
  severity: "high",
  description:
    "External Secrets serves stores of one namespace only, mints no tokens at will, and fails closed.",
  why: "A ClusterSecretStore hands one team's secrets to any other, and with serviceAccountTokenCreate the operator may become every account of the cluster (External Secrets 2.9).",
  remediation: [
    "Write in the values of chart external-secrets:",
    ...OFF.map((key) => `  ${key}: false`),
    "  leaderElect: true",
    "  rbac: {serviceAccountTokenCreate: false}",
    "  webhook: {failurePolicy: Fail}",
  ],
  subjects: (stack) => releasesOf(stack, "external-secrets"),
  *check(release) {
    const values = release.at("values");
    for (const key of OFF)
      if (values.at(key).flag() !== false) yield values.at(key).finding("must be false.");
    const election = values.at("leaderElect");
    if (election.flag() !== true)
      yield election.finding("must be true: two replicas would write the same Secret.");
    const minting = values.at("rbac", "serviceAccountTokenCreate");
    if (minting.flag() !== false)
      yield minting.finding("must be false: give it a Role for each account that it may become.");
    const failing = values.at("webhook", "failurePolicy");
    if (failing.text() !== "Fail") yield failing.finding("must be Fail.");
  },
});
