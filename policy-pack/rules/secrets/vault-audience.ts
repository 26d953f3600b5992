import { rule } from "../../framework/rule";
import { EXTERNAL_SECRETS } from "../../reading/kinds";

export const vaultAudience = rule({
  name: "secrets-vault-audience",
  layer: "secrets",
  severity: "high",
  description: "Stores of Vault say which audience their service account token has, and whose account it is.",
  why: "Without an audience the token is one for the API server too, and Vault 1.21 refuses roles without audiences.",
  remediation: [
    "Write below spec.provider.vault.auth.kubernetes:",
    "  serviceAccountRef: {name: external-secrets, audiences: [vault]}",
  ],
  subjects: (stack) =>
    ["SecretStore", "ClusterSecretStore"].flatMap((kind) =>
      stack.of(EXTERNAL_SECRETS, kind).filter((store) => store.spec.at("provider", "vault").isPresent),
    ),
  *check(store) {
    const auth = store.spec.at("provider", "vault", "auth");
    for (const [method, account] of [
      ["kubernetes", auth.at("kubernetes", "serviceAccountRef")],
      ["jwt", auth.at("jwt", "kubernetesServiceAccountToken", "serviceAccountRef")],
    ] as const) {
      if (!auth.at(method).isPresent) continue;
      const audiences = account.at("audiences");
      const older = auth.at("jwt", "kubernetesServiceAccountToken", "audiences");
      if (audiences.texts().length === 0 && (method !== "jwt" || older.texts().length === 0))
        yield audiences.finding("names no audience. Write the one that the Vault role expects.");
    }
  },
});
