import { rule } from "../../framework/rule";
import { bindings } from "../../reading/grants";

export const noClusterAdmin = rule({
  name: "rbac-no-cluster-admin",
  layer: "rbac",
  severity: "critical",
  description: "Nothing is bound to cluster-admin.",
  why: "kagent-tools and many charts ask for it; an agent that reaches such a pod owns the cluster.",
  remediation: ["Write a Role with what is needed and bind that."],
  subjects: bindings,
  *check(binding) {
    if (binding.at("roleRef", "name").text() === "cluster-admin")
      yield binding.at("roleRef", "name").finding("gives everything. Bind a role with what is needed.");
  },
});
