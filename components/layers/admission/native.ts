/** Engine `native`: the API server's own ValidatingAdmissionPolicy (admissionregistration.k8s.io/v1). */
import { MANAGED_BY } from "../../../topology/index";
import type { Manifest } from "../../plan/manifest";
import type { AdmissionPolicy, Parameters } from "./policy";

const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** The parameters as a CEL literal: no second object that could be missing, older or edited apart from the policy. */
export function celLiteral(parameters: Parameters): string {
  const map = (entries: readonly string[]) => `{${entries.join(", ")}}`;
  return map(
    Object.entries(parameters).map(
      ([name, rows]) =>
        `${quote(name)}: ${map(
          Object.entries(rows).map(([key, values]) => `${quote(key)}: [${values.map(quote).join(", ")}]`),
        )}`,
    ),
  );
}

export function nativePolicy(policy: AdmissionPolicy): [policy: Manifest, binding: Manifest] {
  const { name, match, description } = policy;
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name, labels: MANAGED_BY, annotations: { "kagent-a2a/description": description } };
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          // Every version: an older one is to be refused, not to be converted first.
          matchPolicy: "Exact",
          namespaceSelector: {},
          objectSelector: {},
          resourceRules: [
            {
              apiGroups: [match.apiGroup],
              apiVersions: ["*"],
              operations: ["CREATE", "UPDATE"],
              resources: match.kinds.flatMap(({ resources }) => resources),
              scope: "*",
            },
          ],
        },
        variables: [{ name: "params", expression: celLiteral(policy.parameters) }, ...policy.variables],
        validations: policy.validations.map(({ expression, message }) => ({
          expression,
          messageExpression: message,
          reason: "Forbidden",
        })),
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name, labels: MANAGED_BY },
      spec: { policyName: name, validationActions: ["Deny", "Audit"] },
    },
  ];
}
