import type { Field } from "../../framework/field";
import { rule } from "../../framework/rule";
import { agents, deployment } from "../../reading/agents";
import { CORE } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

type Says = (field: Field) => string | undefined;
const mounts: Says = (field) => (field.flag() === false ? undefined : "must be false.");
const holds: Says = (type) =>
  type.text() === "kubernetes.io/service-account-token"
    ? "holds a token that never expires, of any account of the namespace. Remove it."
    : undefined;
const projects: Says = (source) =>
  source.isPresent ? "mounts a token of the agent's account. Remove it." : undefined;

export const noAutomount = rule({
  name: "rbac-no-automount",
  layer: "rbac",
  severity: "high",
  description:
    "No token of the Kubernetes API is mounted or kept in governed namespaces: not by service accounts, Secrets or Agents.",
  why: "Agents never call the Kubernetes API (kagent 0.10): a token in the pod only helps whoever takes the pod over.",
  remediation: ["Write on the ServiceAccount:", "  automountServiceAccountToken: false"],
  *subjects(stack) {
    for (const account of inGoverned(stack, CORE, "ServiceAccount"))
      yield { wrong: account.at("automountServiceAccountToken"), says: mounts };
    for (const secret of inGoverned(stack, CORE, "Secret")) yield { wrong: secret.at("type"), says: holds };
    for (const agent of agents(stack))
      for (const volume of deployment(agent).at("volumes").items())
        for (const source of volume.at("projected", "sources").items())
          yield { wrong: source.at("serviceAccountToken"), says: projects };
  },
  *check({ wrong, says }) {
    const message = says(wrong);
    if (message !== undefined) yield wrong.finding(message);
  },
});
