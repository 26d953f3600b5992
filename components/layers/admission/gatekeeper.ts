/** Engine `gatekeeper`: the same CEL in a ConstraintTemplate, its parameters in the Constraint (Gatekeeper 3.23). */
import { MANAGED_BY } from "../../../topology/index";
import type { Manifest } from "../../plan/manifest";
import type { AdmissionPolicy } from "./policy";

/** A map of maps to lists of texts: the type of `Parameters`. */
const PARAMETERS_SCHEMA = {
  type: "object",
  additionalProperties: {
    type: "object",
    additionalProperties: { type: "array", items: { type: "string" } },
  },
};

export function gatekeeperPolicy(policy: AdmissionPolicy): [template: Manifest, constraint: Manifest] {
  const { name, constraintKind, match, description } = policy;
  return [
    {
      apiVersion: "templates.gatekeeper.sh/v1",
      kind: "ConstraintTemplate",
      metadata: {
        // Gatekeeper demands the kind in lower case.
        name: constraintKind.toLowerCase(),
        labels: MANAGED_BY,
        annotations: {
          description,
          // The Constraint's CRD is made after the template has been accepted, not with it.
          "pulumi.com/waitFor": "jsonpath={.status.created}=true",
        },
      },
      spec: {
        crd: {
          spec: { names: { kind: constraintKind }, validation: { openAPIV3Schema: PARAMETERS_SCHEMA } },
        },
        targets: [
          {
            target: "admission.k8s.gatekeeper.sh",
            code: [
              {
                engine: "K8sNativeValidation",
                source: {
                  failurePolicy: "Fail",
                  variables: policy.variables,
                  validations: policy.validations.map(({ expression, message }) => ({
                    expression,
                    messageExpression: message,
                  })),
                },
              },
            ],
          },
        ],
      },
    },
    {
      apiVersion: "constraints.gatekeeper.sh/v1beta1",
      kind: constraintKind,
      metadata: { name, labels: MANAGED_BY },
      spec: {
        enforcementAction: "deny",
        match: { kinds: [{ apiGroups: [match.apiGroup], kinds: match.kinds.map(({ kind }) => kind) }] },
        parameters: policy.parameters,
      },
    },
  ];
}
