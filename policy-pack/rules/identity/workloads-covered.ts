import { KAGENT_NAMESPACE } from "../../../topology/kagent";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { agents, callees } from "../../reading/agents";
import { allowsOf } from "../../reading/authorization";
import { flowsOf, networkPolicies } from "../../reading/flows";
import { gatewayObject } from "../../reading/gateway";
import { governed, governedNamespaces } from "../../reading/scope";
import type { Workload } from "../../reading/workloads";

/** Where the database stands elsewhere, no flow goes to or from a pod of that name. */
function hasDatabase(stack: StackIndex): boolean {
  return networkPolicies(stack).some((policy) =>
    flowsOf(stack, policy).some(
      ({ subject, peer }) =>
        (typeof subject === "object" && subject.kind === "database") ||
        (peer.kind === "platform" && peer.workload === "database"),
    ),
  );
}

function* workloads(stack: StackIndex): Iterable<{ workload: Workload; witness: StackObject; what: string }> {
  for (const agent of agents(stack))
    yield { workload: { kind: "agent", agent }, witness: agent.object, what: `agent ${agent.id}` };
  const kagent = [...governedNamespaces(stack)].find(({ name }) => name === KAGENT_NAMESPACE);
  if (kagent === undefined || !governed(stack).has(KAGENT_NAMESPACE)) return;
  const database = stack.derive(hasDatabase) ? (["database"] as const) : [];
  for (const kind of ["controller", "ui", ...database] as const)
    yield { workload: { kind }, witness: kagent.object, what: `the ${kind}` };
  const gateway = gatewayObject(stack);
  if (gateway !== undefined && callees(stack).length > 0)
    yield { workload: { kind: "gateway" }, witness: gateway, what: "the gateway" };
}

export const workloadsCovered = rule({
  name: "identity-workloads-covered",
  layer: "identity",
  severity: "high",
  description:
    "Each agent, the controller, the UI, the database and the gateway have a policy of their own that says who may call.",
  why: "What nobody wrote down, somebody else will.",
  remediation: [
    "Declare an AuthorizationPolicy with the workload's labels as its selector; without rules it allows nothing.",
  ],
  subjects: workloads,
  *check({ workload, witness, what }, stack) {
    if (allowsOf(stack, workload).length === 0)
      yield witness.root.finding(
        `no AuthorizationPolicy of this stack says who may call ${what}. Declare one.`,
      );
  },
});
