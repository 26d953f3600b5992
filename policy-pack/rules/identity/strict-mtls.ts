import { rule } from "../../framework/rule";
import { ISTIO_SECURITY } from "../../reading/kinds";
import { governedNamespaces } from "../../reading/scope";

export const strictMtls = rule({
  name: "identity-strict-mtls",
  layer: "identity",
  severity: "critical",
  description: "Each governed namespace demands mTLS of every connection.",
  why: "Without STRICT a pod outside of the mesh may connect in plain text, and principals prove nothing.",
  remediation: [
    "Declare in the namespace:",
    "  apiVersion: security.istio.io/v1",
    "  kind: PeerAuthentication",
    "  metadata: {name: default, namespace: team-alpha}",
    "  spec: {mtls: {mode: STRICT}}",
  ],
  subjects: governedNamespaces,
  *check({ name, object }, stack) {
    const whole = stack
      .in(ISTIO_SECURITY, "PeerAuthentication", name)
      .filter(({ spec }) => spec.at("selector", "matchLabels").entries().length === 0);
    if (!whole.some(({ spec }) => spec.at("mtls", "mode").text() === "STRICT"))
      yield object.root.finding(
        `namespace ${name} has no PeerAuthentication that is STRICT for all of it. Declare one.`,
      );
    // Istio takes the oldest of several, which no manifest shows.
    if (whole.length > 1)
      yield object.root.finding(
        `namespace ${name} has ${whole.length} PeerAuthentications for all of it. Keep one.`,
      );
  },
});
