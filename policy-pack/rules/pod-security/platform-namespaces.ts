import { rule } from "../../framework/rule";
import { chartName, releases } from "../../reading/releases";
import { namespaceObject } from "../../reading/scope";

const ENFORCE = "pod-security.kubernetes.io/enforce";
/** The CNI plugin mounts folders of the node; nothing else of the platform does. */
const NEEDS_PRIVILEGES = "cni";

export const platformNamespaces = rule({
  name: "pod-security-platform-namespaces",
  layer: "pod-security",
  severity: "high",
  description:
    "Namespaces of Helm releases are of the stack and restricted; only the CNI plugin's is privileged.",
  why: "Operators hold rights over the whole cluster: who can start a privileged pod beside one can become it.",
  remediation: [
    "Declare the Namespace of the release with:",
    `  ${ENFORCE}: restricted`,
    `  ${ENFORCE}-version: v1.33`,
    "or, for the one with chart cni, privileged.",
  ],
  subjects: releases,
  *check(release, stack) {
    const field = release.at("namespace");
    const name = field.text() ?? "";
    const namespace = namespaceObject(stack, name);
    if (namespace === undefined) {
      yield field.finding("is no namespace of this stack: declare it, with its labels.");
      return;
    }
    const labels = namespace.labels();
    if (!/^v1\.\d+$/.test(labels.get(`${ENFORCE}-version`) ?? ""))
      yield namespace
        .at("metadata", "labels", `${ENFORCE}-version`)
        .finding("pins no version. Write v1.33, or the version you run.");
    const level = labels.get(ENFORCE);
    const isPrivileged = releases(stack).some(
      (other) => other.at("namespace").text() === name && chartName(other) === NEEDS_PRIVILEGES,
    );
    if (level === "restricted" || (isPrivileged && level === "privileged")) return;
    yield namespace
      .at("metadata", "labels", ENFORCE)
      .finding(`must be restricted: release ${release.name} runs there.`);
  },
});
