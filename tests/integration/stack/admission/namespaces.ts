/** Changes of namespace `team-alpha`, a consumer and no provider. */
import type { AdmissionCase } from "./change";

const guards =
  "is governed: it keeps pod-security.kubernetes.io/enforce=restricted at its version, istio-injection=enabled and kagent-a2a/tenant";
const labels = {
  "kubernetes.io/metadata.name": "team-alpha",
  "kagent.dev/agent-consumer": "true",
  "kagent-a2a/tenant": "team-alpha",
  "istio-injection": "enabled",
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/enforce-version": "v1.33",
};

export const NAMESPACE_CASES: readonly AdmissionCase[] = [
  {
    title: "a role that the graph does not give",
    change: { "metadata.labels": { ...labels, "kagent.dev/agent-provider": "true" } },
    refused: "may not carry the label kagent.dev/agent-provider",
  },
  {
    title: "a weaker Pod Security level",
    change: { "metadata.labels": { ...labels, "pod-security.kubernetes.io/enforce": "privileged" } },
    refused: guards,
  },
  {
    title: "an older Pod Security version",
    change: { "metadata.labels": { ...labels, "pod-security.kubernetes.io/enforce-version": "v1.0" } },
    refused: guards,
  },
  {
    title: "another team's name",
    change: { "metadata.labels": { ...labels, "kagent-a2a/tenant": "team-beta" } },
    refused: guards,
  },
  {
    title: "a way out of the mesh",
    change: { "metadata.labels": { ...labels, "istio-injection": "disabled" } },
    refused: guards,
  },
  { title: "nothing changed", change: {} },
  { title: "no label at all", change: { "metadata.labels": {} }, refused: guards },
  {
    title: "a label of its own",
    change: { "metadata.labels": { ...labels, "example.com/cost-centre": "7" } },
  },
];
