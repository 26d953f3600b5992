import { rule } from "../../framework/rule";
import { namespacesByName } from "../../reading/flows";
import { EXTERNAL_SECRETS } from "../../reading/kinds";

export const storeScope = rule({
  name: "secrets-store-scope",
  layer: "secrets",
  severity: "high",
  description:
    "Secret stores serve one namespace: a SecretStore, or a ClusterSecretStore with conditions that name it.",
  why: "A store for the whole cluster lets every namespace read what any of them may: the tenants' secrets.",
  remediation: [
    "Use a SecretStore in the namespace, or write on the ClusterSecretStore:",
    "  spec: {conditions: [{namespaces: [team-alpha]}]}",
  ],
  subjects: (stack) => [
    ...stack.of(EXTERNAL_SECRETS, "ClusterSecretStore"),
    ...stack.of(EXTERNAL_SECRETS, "ClusterExternalSecret"),
  ],
  *check(object) {
    if (object.kind === "ClusterExternalSecret") {
      yield object.root.finding("writes Secrets into many namespaces. Use an ExternalSecret in each.");
      return;
    }
    const conditions = object.spec.at("conditions");
    if (conditions.items().length === 0)
      yield conditions.finding("serves every namespace. Name the one it is for.");
    for (const condition of conditions.items()) {
      const named = condition.at("namespaces").texts();
      const selector = condition.at("namespaceSelector");
      const selected = selector.isPresent ? namespacesByName(selector) : [];
      const isOpen = condition.at("namespaceRegexes").items().length > 0 || selected === undefined;
      if (isOpen || new Set([...named, ...(selected ?? [])]).size !== 1)
        yield condition.finding("serves more than one namespace, or whoever fits a pattern. Name one.");
    }
  },
});
