import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { GATEKEEPER_TEMPLATES } from "../../reading/kinds";

/** Rego of a template, in both places where it may stand. */
const regoOf = (template: StackObject) =>
  template.spec
    .at("targets")
    .items()
    .flatMap((target) => [
      target.at("rego"),
      ...target.at("libs").items(),
      ...target
        .at("code")
        .items()
        .flatMap((code) => [code.at("source", "rego"), ...code.at("source", "libs").items()]),
    ]);

const synced = (stack: StackIndex): boolean =>
  stack.of("syncset.gatekeeper.sh", "SyncSet").some((set) => set.spec.at("gvks").items().length > 0) ||
  stack
    .of("config.gatekeeper.sh", "Config")
    .some((config) => config.spec.at("sync", "syncOnly").items().length > 0);

export const noInventory = rule({
  name: "admission-no-inventory",
  layer: "admission",
  severity: "high",
  description: "No template reads data.inventory unless the stack says what is synchronised into it.",
  why: "Without a SyncSet the inventory is empty, and a rule that looks for something in it never finds it: it admits everything.",
  remediation: [
    "Use input.review.namespaceObject (Gatekeeper 3.22), or declare:",
    "  apiVersion: syncset.gatekeeper.sh/v1alpha1",
    "  kind: SyncSet",
    "  spec: {gvks: [{group: '', version: v1, kind: Namespace}]}",
  ],
  subjects: (stack) => stack.of(GATEKEEPER_TEMPLATES, "ConstraintTemplate"),
  *check(template, stack) {
    for (const rego of regoOf(template))
      if (/\bdata\.inventory\b/.test(rego.text() ?? "") && !synced(stack))
        yield rego.finding("reads data.inventory, and nothing is synchronised into it. Add a SyncSet.");
  },
});
