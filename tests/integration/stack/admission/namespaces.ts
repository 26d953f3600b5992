/** Changes of namespace `team-alpha`, a consumer and no provider. */
import type { AdmissionCase } from "./change";

const guards =
  "is governed: it keeps pod-security.kubernetes.io/enforce=restricted and istio-injection=enabled";
const labels = {
  "kubernetes.io/metadata.name": "team-alpha",
  "kagent.dev/agent-consumer": "true",
  "istio-injection": "enabled",
  "pod-security.kubernetes.io/enforce": "restricted",
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
    title: "a way out of the mesh",
    change: { "metadata.labels": { ...labels, "istio-injection": "disabled" } },
    refused: guards,
  },
  { title: "no label at all", change: { "metadata.labels": {} }, refused: guards },
  {
    title: "a label of its own",
    change: { "metadata.labels": { ...labels, "example.com/cost-centre": "7" } },
  },
];
