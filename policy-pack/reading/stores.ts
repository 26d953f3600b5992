/** SecretStores of External Secrets, the service accounts that they sign in as, and who mints the tokens of these. */
import { EXTERNAL_SECRETS_NAMESPACE } from "../../topology/platform";
import { ESO_SERVICE_ACCOUNT } from "../../topology/vault";
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { agentsWithAccount } from "./agents";
import { EXTERNAL_SECRETS, RBAC } from "./kinds";

/** Where a store of Vault says whose account it signs in as: below the Kubernetes method, or below the JWT one. */
export function storeAccounts(store: StackObject): Field[] {
  const auth = store.spec.at("provider", "vault", "auth");
  return [
    auth.at("kubernetes", "serviceAccountRef"),
    auth.at("jwt", "kubernetesServiceAccountToken", "serviceAccountRef"),
  ].filter((account) => account.isPresent);
}

export const vaultStores = (stack: StackIndex, namespace: string): readonly StackObject[] =>
  stack
    .in(EXTERNAL_SECRETS, "SecretStore", namespace)
    .filter((store) => store.spec.at("provider", "vault").isPresent);

const only = (field: Field, wanted: string): boolean => {
  const texts = field.texts();
  return texts.length === 1 && texts[0] === wanted;
};

function isBoundToOperatorAlone(stack: StackIndex, role: StackObject): boolean {
  return stack
    .in(RBAC, "RoleBinding", role.namespace)
    .filter((binding) => binding.at("roleRef", "name").text() === role.name)
    .flatMap((binding) => binding.at("subjects").items())
    .every(
      (subject) =>
        subject.at("kind").text() === "ServiceAccount" &&
        subject.at("name").text() === ESO_SERVICE_ACCOUNT &&
        subject.at("namespace").text() === EXTERNAL_SECRETS_NAMESPACE,
    );
}

/**
 * Whether a rule of a Role is the one that a store needs: the operator, and nobody else, mints tokens of the store's own service
 * account, which no Agent runs as.
 */
export function mintsForStore(stack: StackIndex, role: StackObject, entry: Field): boolean {
  if (role.kind !== "Role") return false;
  const isMinting =
    only(entry.at("apiGroups"), "") &&
    only(entry.at("resources"), "serviceaccounts/token") &&
    only(entry.at("verbs"), "create");
  const names = entry.at("resourceNames").texts();
  if (!isMinting || names.length === 0) return false;
  const accounts = new Set(
    vaultStores(stack, role.namespace).flatMap((store) =>
      storeAccounts(store).map((account) => account.at("name").text()),
    ),
  );
  return (
    names.every(
      (name) => accounts.has(name) && agentsWithAccount(stack, role.namespace, name).length === 0,
    ) && isBoundToOperatorAlone(stack, role)
  );
}
