import { rule } from "../../framework/rule";
import { governedNamespaces, namespaceObject } from "../../reading/scope";

export const namespacePresent = rule({
  name: "pod-security-namespace-present",
  layer: "pod-security",
  severity: "high",
  description: "A namespace that holds Agents, or guards of kagent, is a Namespace of the same stack.",
  why: "Without it nobody can tell which labels guard the pods, and a second manifest of it elsewhere would remove labels: one Namespace object carries them all.",
  remediation: [
    "Declare the namespace in the stack that puts objects into it:",
    "  apiVersion: v1",
    "  kind: Namespace",
    "  metadata: {name: team-alpha, labels: {pod-security.kubernetes.io/enforce: restricted, ...}}",
  ],
  subjects: governedNamespaces,
  *check({ name, object }, stack) {
    if (namespaceObject(stack, name) === undefined)
      yield object.root.finding(
        `namespace ${name} is governed and its Namespace is not in this stack. Declare it here, with its labels.`,
      );
  },
});
