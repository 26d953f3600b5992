import { serviceAccountName } from "../../../topology/names";
import { rule } from "../../framework/rule";
import { accountOf, agents, agentsWithAccount, deployment } from "../../reading/agents";
import { CORE } from "../../reading/kinds";

export const ownAccount = rule({
  name: "rbac-own-account",
  layer: "rbac",
  severity: "critical",
  description: "Each Agent runs as a service account of its own, which the stack declares.",
  why: "Principals of the mesh and of RBAC name service accounts: an account nobody runs as protects nothing, and one that several share identifies none of them.",
  remediation: [
    "Write below spec.declarative.deployment of agent `orchestrator`:",
    "  serviceAccountName: orchestrator-sa",
    "and declare the ServiceAccount orchestrator-sa in its namespace.",
  ],
  subjects: agents,
  *check(agent, stack) {
    const field = deployment(agent).at("serviceAccountName");
    const wanted = serviceAccountName(agent.name);
    const config = deployment(agent).at("serviceAccountConfig");
    if (config.isPresent) yield config.finding("lets kagent shape the account. Remove it.");
    if (field.text() !== wanted) {
      yield field.finding(`must be ${wanted}, the agent's own account.`);
      return;
    }
    if (agentsWithAccount(stack, agent.tenant, accountOf(agent)).length > 1)
      yield field.finding("is shared with another Agent. Give each its own.");
    if (!stack.in(CORE, "ServiceAccount", agent.tenant).some(({ name }) => name === wanted))
      yield field.finding(`there is no ServiceAccount ${agent.tenant}/${wanted} in this stack. Declare it.`);
  },
});
