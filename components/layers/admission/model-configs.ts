/** Model configurations of tenants: they name only the team's own API keys, never a delegation token. */
import { kagent, type Topology } from "../../../topology/index";
import { modelParameters } from "./parameters";
import { type AdmissionPolicy, UNCHANGED_SPEC } from "./policy";

export function modelConfigsPolicy(topology: Topology): AdmissionPolicy {
  const name = "'ModelConfig ' + object.metadata.namespace + '/' + object.metadata.name";
  return {
    name: "kagent-a2a-model-configs",
    constraintKind: "KagentA2AModelConfigs",
    description: "A tenant's model configurations name only Secrets that hold its API keys.",
    match: {
      apiGroup: kagent.KAGENT_API_GROUP,
      kinds: [{ kind: "ModelConfig", resources: ["modelconfigs"] }],
    },
    parameters: modelParameters(topology),
    variables: [
      UNCHANGED_SPEC,
      { name: "inTenant", expression: "object.metadata.namespace in variables.params.apiKeys" },
      {
        name: "keys",
        expression: "variables.inTenant ? variables.params.apiKeys[object.metadata.namespace] : []",
      },
      { name: "spec", expression: "object.?spec.orValue({})" },
    ],
    validations: [
      {
        expression:
          "!variables.inTenant || variables.unchanged || variables.spec.?apiKeyPassthrough.orValue(false) == false",
        message: `${name} + ': spec.apiKeyPassthrough would send its users\\' tokens to the model\\'s provider'`,
      },
      {
        expression: `!variables.inTenant || variables.unchanged || object.apiVersion == '${kagent.KAGENT_API_VERSION}'`,
        message: `${name} + ': tenants use only ${kagent.KAGENT_API_VERSION}'`,
      },
      {
        expression: `!variables.inTenant || variables.unchanged || ([variables.spec.?apiKeySecret.orValue(''), variables.spec.?tls.?caCertSecretRef.orValue(''), variables.spec.?foundry.?endpointFrom.?name.orValue('')].all(s, s == '' || s in variables.keys)
          && !has(variables.spec.apiKeySecretRef))`,
        message: `${name} + ': it names a Secret that holds none of this team\\'s API keys'`,
      },
    ],
  };
}
