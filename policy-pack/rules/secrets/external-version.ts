import { rule } from "../../framework/rule";
import { EXTERNAL_SECRETS } from "../../reading/kinds";

export const EXTERNAL_KINDS = [
  "ExternalSecret",
  "ClusterExternalSecret",
  "SecretStore",
  "ClusterSecretStore",
] as const;

export const externalVersion = rule({
  name: "secrets-external-version",
  layer: "secrets",
  severity: "medium",
  description: "Objects of External Secrets are written in external-secrets.io/v1.",
  why: "v1beta1 is not served since 0.17: the API server does not know the object.",
  remediation: ["Write:", "  apiVersion: external-secrets.io/v1"],
  subjects: (stack) => EXTERNAL_KINDS.flatMap((kind) => stack.of(EXTERNAL_SECRETS, kind)),
  *check(object) {
    if (object.version !== "v1") yield object.at("apiVersion").finding("must be external-secrets.io/v1.");
  },
});
