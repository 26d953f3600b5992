/** Namespaces: nobody makes a tenant of a namespace by labelling it, and the labels that guard one stay. */
import { istio, kagent, TENANT_LABEL, type Topology } from "../../../topology/index";
import { namespaceParameters } from "./parameters";
import type { AdmissionPolicy, Validation } from "./policy";

const labelOnlyWhereDeclared = (label: string): Validation => ({
  expression: `variables.unchanged || !('${label}' in variables.labels) || '${label}' in variables.roles`,
  message: `'Namespace ' + object.metadata.name + ' may not carry the label ${label}: the delegation graph does not give it'`,
});

const [[MESH_KEY, MESH_VALUE] = ["", ""]] = Object.entries(istio.MESH_LABEL);

export function namespacesPolicy(topology: Topology): AdmissionPolicy {
  return {
    name: "kagent-a2a-namespaces",
    constraintKind: "KagentA2ANamespaces",
    description:
      "Delegation labels stand only on namespaces of the delegation graph; governed namespaces keep their guards.",
    match: {
      apiGroup: "",
      // Labels can be written through `status` and `finalize` too (measured, kube-apiserver 1.36).
      kinds: [{ kind: "Namespace", resources: ["namespaces", "namespaces/*"] }],
    },
    parameters: namespaceParameters(topology),
    variables: [
      { name: "labels", expression: "object.metadata.?labels.orValue({})" },
      // Nobody gains anything by an update that leaves the labels alone, and a deletion must be able to end.
      {
        name: "unchanged",
        expression: "oldObject != null && oldObject.metadata.?labels.orValue({}) == variables.labels",
      },
      { name: "governed", expression: "object.metadata.name in variables.params.governed" },
      {
        name: "roles",
        expression: "variables.governed ? variables.params.governed[object.metadata.name] : []",
      },
    ],
    validations: [
      labelOnlyWhereDeclared(kagent.CONSUMER_LABEL),
      labelOnlyWhereDeclared(kagent.PROVIDER_LABEL),
      {
        expression: `variables.unchanged || !variables.governed || (
          variables.labels[?'pod-security.kubernetes.io/enforce'].orValue('') == 'restricted'
          && variables.labels[?'pod-security.kubernetes.io/enforce-version'].orValue('') in variables.params.podSecurity[object.metadata.name]
          && variables.labels[?'${MESH_KEY}'].orValue('') == '${MESH_VALUE}'
          && (object.metadata.name == '${kagent.KAGENT_NAMESPACE}' || variables.labels[?'${TENANT_LABEL}'].orValue('') == object.metadata.name))`,
        message: `'Namespace ' + object.metadata.name + ' is governed: it keeps pod-security.kubernetes.io/enforce=restricted at its version, ${MESH_KEY}=${MESH_VALUE} and ${TENANT_LABEL}'`,
      },
    ],
  };
}
