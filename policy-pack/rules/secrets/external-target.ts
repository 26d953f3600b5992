import { API_KEY_WRITERS, apiKeySecretName } from "../../../topology/names";
import { rule } from "../../framework/rule";
import { EXTERNAL_SECRETS } from "../../reading/kinds";
import { inGoverned, inTenants } from "../../reading/scope";

const SUFFIXES = API_KEY_WRITERS.map((writer) => apiKeySecretName("", writer));

export const externalTarget = rule({
  name: "secrets-external-target",
  layer: "secrets",
  severity: "critical",
  description:
    "ExternalSecrets of tenants write API keys of models, each from its own tenant's path, through a store of the namespace; nothing is pushed out.",
  why: "An ExternalSecret writes whatever Secret it names: delegation tokens, an agent's configuration, or keys of another team.",
  remediation: [
    "Write:",
    "  spec: {secretStoreRef: {kind: SecretStore, name: vault}, target: {name: gpt-api-key-vault, creationPolicy: Owner},",
    "         data: [{secretKey: apiKey, remoteRef: {key: kagent-a2a/team-alpha/gpt, property: apiKey}}]}",
  ],
  *subjects(stack) {
    yield* inTenants(stack, EXTERNAL_SECRETS, "ExternalSecret");
    yield* inGoverned(stack, EXTERNAL_SECRETS, "PushSecret");
  },
  *check(object, stack) {
    if (object.kind === "PushSecret") {
      yield object.root.finding("carries Secrets of a governed namespace out of the cluster. Remove it.");
      return;
    }
    const target = object.spec.at("target", "name");
    const name = target.text() ?? object.name;
    if (!SUFFIXES.some((suffix) => name.endsWith(suffix) && name !== suffix))
      yield (target.isPresent ? target : object.at("metadata", "name")).finding(
        `must be the API key of a model: a name that ends in ${SUFFIXES.join(" or ")}.`,
      );
    const policy = object.spec.at("target", "creationPolicy");
    if (![undefined, "Owner"].includes(policy.text()))
      yield policy.finding(
        "must be Owner: the Secret would outlive its ExternalSecret, or have a second writer.",
      );
    if (object.spec.at("target", "manifest").isPresent)
      yield object.spec.at("target", "manifest").finding("writes another kind of object. Remove it.");
    if (object.spec.at("dataFrom").items().length > 0)
      yield object.spec.at("dataFrom").finding("takes whatever lies there. Name each key in data.");
    const store = object.spec.at("secretStoreRef");
    const stores = stack.in(EXTERNAL_SECRETS, "SecretStore", object.namespace);
    const isOwn = (store.at("kind").text() ?? "SecretStore") === "SecretStore";
    if (!isOwn || !stores.some((one) => one.name === store.at("name").text()))
      yield store.finding("must be a SecretStore of this namespace and stack.");
    for (const entry of object.spec.at("data").items()) {
      const key = entry.at("remoteRef", "key");
      if (!(key.text() ?? "").split("/").includes(object.namespace))
        yield key.finding("is not below the path of this tenant. Name it in the path.");
      if (entry.at("sourceRef").isPresent)
        yield entry.at("sourceRef").finding("reads from another store. Remove it.");
    }
  },
});
