import { KAGENT_API_GROUP } from "../../../topology/kagent";
import { tokenSecretName } from "../../../topology/names";
import { rule } from "../../framework/rule";
import { agentById } from "../../reading/agents";
import { writersOf } from "../../reading/secrets";

const TOKENS = tokenSecretName("");

export const modelKey = rule({
  name: "secrets-model-key",
  layer: "secrets",
  severity: "high",
  description: "A ModelConfig takes its key from a Secret of its namespace that the stack writes for it.",
  why: "kagent resolves it in the ModelConfig's own namespace only and sends it to the endpoint that the team chose: a delegation token named here leaves the cluster.",
  remediation: [
    "Write:",
    "  spec: {apiKeySecret: gpt-api-key, apiKeySecretKey: apiKey}",
    "and a Secret or ExternalSecret gpt-api-key in the same namespace.",
  ],
  subjects: (stack) => stack.of(KAGENT_API_GROUP, "ModelConfig"),
  *check(config, stack) {
    const field = config.spec.at("apiKeySecret");
    const name = field.text();
    if (name === undefined || name === "") return;
    if (name.endsWith(TOKENS) || agentById(stack, `${config.namespace}/${name}`) !== undefined)
      yield field.finding(
        "names a Secret with delegation tokens or an agent's configuration. Name the model's own.",
      );
    else if (writersOf(stack, `${config.namespace}/${name}`).length === 0)
      yield field.finding(
        "nothing in this stack writes the Secret of this name in the namespace. Declare it.",
      );
  },
});
