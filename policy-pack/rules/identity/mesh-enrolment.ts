import { MESH_LABEL } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import { CORE } from "../../reading/kinds";
import { governed } from "../../reading/scope";

const [[KEY, VALUE] = ["", ""]] = Object.entries(MESH_LABEL);

export const meshEnrolment = rule({
  name: "identity-mesh-enrolment",
  layer: "identity",
  severity: "critical",
  description: "Governed namespaces, kagent's among them, are in the mesh.",
  why: "A pod without a sidecar has no identity, and neither mTLS nor authorization holds for it; with kagent outside, STRICT refuses the controller.",
  remediation: ["Label the namespace:", `  ${KEY}: ${VALUE}`],
  subjects: (stack) => stack.of(CORE, "Namespace").filter(({ name }) => governed(stack).has(name)),
  *check(namespace) {
    const labels = namespace.at("metadata", "labels");
    if (labels.textMap().get(KEY) !== VALUE)
      yield labels.finding(`the namespace is outside of the mesh. Write ${KEY}: ${VALUE}.`);
    const mode = labels.at("istio.io/dataplane-mode");
    if (mode.isPresent)
      yield mode.finding("changes what carries its traffic; the layers are made for sidecars. Remove it.");
  },
});
