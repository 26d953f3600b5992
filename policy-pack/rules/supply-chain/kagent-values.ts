import { BUILT_IN_AGENTS, KAGENT_NAMESPACE } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import { releasesOf } from "../../reading/releases";
import { tenants } from "../../reading/scope";

export const kagentValues = rule({
  name: "supply-chain-kagent-values",
  layer: "supply-chain",
  severity: "critical",
  description:
    "kagent is installed without its built-in agents and tools, and watches the tenants' namespaces only.",
  why: "They are all on by default and kagent-tools is cluster-admin; without rbac.namespaces the controller reads every Secret of the cluster (kagent 0.10).",
  remediation: [
    "Write in the values of chart kagent:",
    "  k8s-agent: {enabled: false}, ... kagent-tools: {enabled: false}, kmcp: {enabled: false}",
    "  rbac: {namespaces: [kagent, team-alpha, team-beta]}",
  ],
  subjects: (stack) => releasesOf(stack, "kagent"),
  *check(release, stack) {
    const values = release.at("values");
    for (const name of [...BUILT_IN_AGENTS, "kmcp"]) {
      const enabled = values.at(name, "enabled");
      if (enabled.flag() !== false) yield enabled.finding("must be false.");
    }
    const field = values.at("rbac", "namespaces");
    const watched = new Set(field.texts());
    const wanted = [KAGENT_NAMESPACE, ...tenants(stack)];
    if (watched.size === 0)
      yield field.finding("gives the controller every namespace. List kagent and the tenants.");
    for (const namespace of watched)
      if (!wanted.includes(namespace))
        yield field.finding(`names ${namespace}, which is no tenant of this stack. Remove it.`);
  },
});
