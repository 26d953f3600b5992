import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { ADMISSION, CORE, GATEKEEPER_CONFIG, GATEKEEPER_MUTATIONS, KAGENT } from "../../reading/kinds";
import { governed } from "../../reading/scope";

/** Gatekeeper's webhook is not asked about namespaces with this label (3.23), however its value reads. */
const IGNORE_LABEL = "admission.gatekeeper.sh/ignore";

/** Whether Gatekeeper takes a namespace for one of a list, which may begin or end in `*`. */
function isListed(namespace: string, listed: string): boolean {
  const core = listed.replace(/^\*|\*$/g, "");
  if (listed.startsWith("*") && listed.endsWith("*")) return namespace.includes(core);
  if (listed.endsWith("*")) return namespace.startsWith(core);
  if (listed.startsWith("*")) return namespace.endsWith(core);
  return namespace === listed;
}

function* excluded(config: StackObject, stack: StackIndex): Iterable<Finding> {
  for (const match of config.spec.at("match").items())
    for (const item of match.at("excludedNamespaces").items())
      if ([...governed(stack)].some((namespace) => isListed(namespace, item.text() ?? "")))
        yield item.finding("takes a governed namespace out. Remove it.");
}

/** Whether entries with `groups` and `kinds`, or their like, mean objects that admission judges; without any they mean all. */
const meansGoverned = (
  entries: readonly Field[],
  groupsAt: string,
  kindsAt: string,
  namespaces: string,
): boolean =>
  entries.length === 0 ||
  entries.some((entry) => {
    const groups = entry.at(groupsAt).texts();
    if (groups.some((group) => group === "*" || group === KAGENT)) return true;
    return (
      groups.includes(CORE) &&
      entry
        .at(kindsAt)
        .texts()
        .some((kind) => kind === "*" || kind === namespaces)
    );
  });

function changes(object: StackObject): boolean {
  if (object.group === GATEKEEPER_MUTATIONS) {
    const applied = object.spec.at("applyTo").items();
    return applied.length > 0
      ? meansGoverned(applied, "groups", "kinds", "Namespace")
      : meansGoverned(object.spec.at("match", "kinds").items(), "apiGroups", "kinds", "Namespace");
  }
  if (object.kind === "MutatingAdmissionPolicy") {
    const rules = object.spec.at("matchConstraints", "resourceRules").items();
    return meansGoverned(rules, "apiGroups", "resources", "namespaces");
  }
  return object
    .at("webhooks")
    .items()
    .some((webhook) => meansGoverned(webhook.at("rules").items(), "apiGroups", "resources", "namespaces"));
}

const isMutator = ({ group, kind }: StackObject): boolean =>
  group === GATEKEEPER_MUTATIONS ||
  (group === ADMISSION && ["MutatingAdmissionPolicy", "MutatingWebhookConfiguration"].includes(kind));

export const notBypassed = rule({
  name: "admission-not-bypassed",
  layer: "admission",
  severity: "critical",
  description:
    "No governed namespace is left out of admission, and nothing changes its Agents or Namespaces on their way in.",
  why: "An excluded namespace or an ignored one is judged by nobody, whatever Gatekeeper's values say; a mutation changes what was checked here (Gatekeeper 3.23).",
  remediation: [
    `Remove the namespace from spec.match of Config, the label ${IGNORE_LABEL}, or the mutation.`,
    "A webhook that changes other objects says so:",
    "  rules: [{apiGroups: [apps], resources: [deployments], ...}]",
  ],
  *subjects(stack) {
    yield* stack.of(GATEKEEPER_CONFIG, "Config");
    for (const namespace of stack.of(CORE, "Namespace"))
      if (governed(stack).has(namespace.name)) yield namespace;
    yield* stack.objects.filter(isMutator);
  },
  *check(object, stack) {
    if (object.kind === "Config") yield* excluded(object, stack);
    else if (object.kind === "Namespace") {
      const label = object.at("metadata", "labels", IGNORE_LABEL);
      if (label.isPresent) yield label.finding("takes the namespace out of admission. Remove it.");
    } else if (changes(object))
      yield object.root.finding(
        "changes governed objects on their way in. Let it name other kinds, or remove it.",
      );
  },
});
