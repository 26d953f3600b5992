import { rule } from "../../framework/rule";
import { releasesOf } from "../../reading/releases";

export const gatekeeperValues = rule({
  name: "admission-gatekeeper-values",
  layer: "admission",
  severity: "critical",
  description: "Gatekeeper's webhook fails closed, and the chart leaves its namespace alone.",
  why: "The chart's default is fail-open: while Gatekeeper is down everything is admitted (Gatekeeper 3.23).",
  remediation: [
    "Write in the values of chart gatekeeper:",
    "  validatingWebhookFailurePolicy: Fail",
    "  postInstall: {labelNamespace: {enabled: false}}",
  ],
  subjects: (stack) => releasesOf(stack, "gatekeeper"),
  *check(release) {
    const values = release.at("values");
    const policy = values.at("validatingWebhookFailurePolicy");
    if (policy.text() !== "Fail") yield policy.finding("must be Fail.");
    const labels = values.at("postInstall", "labelNamespace", "enabled");
    if (labels.flag() !== false)
      yield labels.finding("must be false: the stack owns the namespace and its labels.");
    const exempt = values.at("validatingWebhookExemptNamespacesLabels");
    if (exempt.entries().length > 0) yield exempt.finding("lets a label take a namespace out. Remove it.");
    const disabled = values.at("disableValidatingWebhook");
    if (disabled.flag() === true) yield disabled.finding("switches admission off. Remove it.");
  },
});
