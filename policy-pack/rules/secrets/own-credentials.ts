import { tokenSecretName } from "../../../topology/names";
import type { Field } from "../../framework/field";
import { rule } from "../../framework/rule";
import { type AgentView, agents, declarative, deployment, isAgentTool, tools } from "../../reading/agents";
import { isOthersCredential } from "../../reading/secrets";

/** Every place of an Agent that names a Secret (`kagent.dev/v1alpha2`), besides the tokens of its delegations. */
function* secretNames(agent: AgentView): Iterable<Field> {
  const at = deployment(agent);
  for (const env of at.at("env").items()) yield env.at("valueFrom", "secretKeyRef", "name");
  for (const source of at.at("envFrom").items()) yield source.at("secretRef", "name");
  for (const pull of at.at("imagePullSecrets").items()) yield pull.at("name");
  for (const volume of at.at("volumes").items()) {
    yield volume.at("secret", "secretName");
    for (const source of volume.at("projected", "sources").items()) yield source.at("secret", "name");
  }
  const message = declarative(agent).at("systemMessageFrom");
  if (message.at("type").text() === "Secret") yield message.at("name");
  for (const source of declarative(agent).at("promptTemplate", "dataSources").items())
    if (source.at("kind").text() === "Secret") yield source.at("name");
  for (const tool of tools(agent).filter((tool) => !isAgentTool(tool)))
    for (const header of tool.at("headersFrom").items())
      if (header.at("valueFrom", "type").text() === "Secret") yield header.at("valueFrom", "name");
}

const TOKENS = tokenSecretName("");

export const ownCredentials = rule({
  name: "secrets-own-credentials",
  layer: "secrets",
  severity: "critical",
  description:
    "An Agent names no Secret with delegation tokens, API keys of models, or kagent's own configuration of an agent.",
  why: "A token in an environment variable or prompt can be sent anywhere; another agent's token is its identity.",
  remediation: [
    "Remove the reference. Tokens reach a callee through headersFrom of its tool, keys through ModelConfig.",
  ],
  subjects: agents,
  *check(agent, stack) {
    for (const field of secretNames(agent)) {
      const name = field.text();
      if (name === undefined) continue;
      if (name.endsWith(TOKENS) || isOthersCredential(stack, `${agent.tenant}/${name}`))
        yield field.finding(`Secret ${name} holds another object's credentials. Remove the reference.`);
    }
  },
});
