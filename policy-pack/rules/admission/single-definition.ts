import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";

function* repeated(stack: StackIndex): Iterable<StackObject> {
  const seen = new Map<string, StackObject>();
  for (const object of stack.objects) {
    if (object.name === "" || object.kind === "Release") continue;
    if (seen.has(object.key)) yield object;
    else seen.set(object.key, object);
  }
}

export const singleDefinition = rule({
  name: "admission-single-definition",
  layer: "admission",
  severity: "high",
  description: "Each object of the cluster is defined once.",
  why: "The later of two manifests wins, field by field: a second Namespace with fewer labels removes those that guard it.",
  remediation: ["Merge the two into one object, or remove one."],
  subjects: (stack) => (stack.objects.length === 0 ? [] : [stack]),
  *check(stack) {
    for (const object of repeated(stack))
      yield object.root.finding("is defined more than once in this stack. Merge the definitions.");
  },
});
