import { rule } from "../../framework/rule";
import { CORE } from "../../reading/kinds";
import { governed } from "../../reading/scope";

const ENFORCE = "pod-security.kubernetes.io/enforce";

export const namespaceRestricted = rule({
  name: "pod-security-namespace-restricted",
  layer: "pod-security",
  severity: "critical",
  description: "Governed namespaces enforce the Pod Security Standard `restricted` at a pinned version.",
  why: "Any other level admits pods that leave the mesh or their container; `latest` changes its meaning with the cluster.",
  remediation: [
    "Label the namespace:",
    "  pod-security.kubernetes.io/enforce: restricted",
    "  pod-security.kubernetes.io/enforce-version: v1.33",
  ],
  subjects: (stack) => stack.of(CORE, "Namespace").filter(({ name }) => governed(stack).has(name)),
  *check(namespace) {
    const labels = namespace.labels();
    const field = namespace.at("metadata", "labels");
    if (labels.get(ENFORCE) !== "restricted")
      yield field.finding(`the namespace does not enforce restricted. Write ${ENFORCE}: restricted.`);
    if (!/^v1\.\d+$/.test(labels.get(`${ENFORCE}-version`) ?? ""))
      yield field.finding(`no version is pinned. Write ${ENFORCE}-version: v1.33, or the version you run.`);
  },
});
