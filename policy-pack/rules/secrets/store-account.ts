import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { agentsWithAccount } from "../../reading/agents";
import { CORE } from "../../reading/kinds";
import { governed } from "../../reading/scope";
import { storeAccounts, vaultStores } from "../../reading/stores";

const stores = (stack: StackIndex) =>
  [...governed(stack)].flatMap((namespace) => vaultStores(stack, namespace));
const roleOf = (method: "kubernetes" | "jwt") => ["provider", "vault", "auth", method, "role"] as const;

/** Namespaces whose stores sign in with a role. */
function namespacesByRole(stack: StackIndex): ReadonlyMap<string, ReadonlySet<string>> {
  const map = new Map<string, Set<string>>();
  for (const store of stores(stack))
    for (const method of ["kubernetes", "jwt"] as const) {
      const role = store.spec.at(...roleOf(method)).text();
      if (role !== undefined) map.set(role, (map.get(role) ?? new Set()).add(store.namespace));
    }
  return map;
}

export const storeAccount = rule({
  name: "secrets-store-account",
  layer: "secrets",
  severity: "critical",
  description:
    "Each store of Vault signs in as a service account of its own namespace that no Agent runs as, with a role of its own.",
  why: "A role that two tenants share reads the secrets of both, and a pod that runs as the store's account can ask Vault itself.",
  remediation: [
    "Declare a ServiceAccount for the store and name it, with a Vault role for this namespace alone:",
    "  auth: {kubernetes: {mountPath: kubernetes, role: kagent-a2a-team-alpha, serviceAccountRef: {name: external-secrets.vault, audiences: [vault]}}}",
  ],
  subjects: stores,
  *check(store, stack) {
    const auth = store.spec.at("provider", "vault", "auth");
    const accounts = storeAccounts(store);
    if (accounts.length === 0)
      yield auth.finding(
        "must be kubernetes or jwt with a serviceAccountRef: any other credential is long-lived.",
      );
    for (const account of accounts) {
      const namespace = account.at("namespace");
      if (![undefined, store.namespace].includes(namespace.text()))
        yield namespace.finding("is another namespace. Use an account of the store's own.");
      const name = account.at("name").text() ?? "";
      const known = stack.in(CORE, "ServiceAccount", store.namespace).some((one) => one.name === name);
      if (!known)
        yield account
          .at("name")
          .finding(`there is no ServiceAccount ${store.namespace}/${name} in this stack.`);
      const [agent] = agentsWithAccount(stack, store.namespace, name);
      if (agent !== undefined)
        yield account.at("name").finding(`Agent ${agent.id} runs as ${name}. Use an account of its own.`);
    }
    for (const method of ["kubernetes", "jwt"] as const) {
      const role = store.spec.at(...roleOf(method));
      const others = stack.derive(namespacesByRole).get(role.text() ?? "") ?? new Set();
      if (others.size > 1)
        yield role.finding(
          `is the role of stores in ${[...others].sort().join(", ")}. Give each namespace a role of its own.`,
        );
    }
  },
});
