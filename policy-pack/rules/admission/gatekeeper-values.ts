import type { Field } from "../../framework/field";
import { rule } from "../../framework/rule";
import { releasesOf } from "../../reading/releases";

const NARROWS = [
  "validatingWebhookMatchConditions",
  "validatingWebhookObjectSelector",
  "validatingWebhookURL",
] as const;

/** The chart's own defaults are an empty map, an empty list, and null. */
function isSet(field: Field): boolean {
  if (!field.isPresent) return false;
  if (field.isUnknown) return true;
  const { value } = field;
  return typeof value === "object" ? Object.keys(value ?? {}).length > 0 : value !== "";
}

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
    for (const key of NARROWS)
      if (isSet(values.at(key))) yield values.at(key).finding("lets something pass unasked. Remove it.");
    const guard = values.at("validatingWebhookCheckIgnoreFailurePolicy");
    if (guard.isPresent && guard.text() !== "Fail") yield guard.finding("must be Fail.");
    const audit = values.at("disableAudit");
    if (audit.flag() === true)
      yield audit.finding("switches off what finds objects that are older than a rule. Remove it.");
    const cel = values.at("enableK8sNativeValidation");
    if (cel.flag() === false) yield cel.finding("switches off the language that the rules are written in.");
  },
});
