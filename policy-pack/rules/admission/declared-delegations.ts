import { agentId } from "../../../topology/names";
import { rule } from "../../framework/rule";
import { admissionPolicies } from "../../reading/admission";
import { agents, calleesOf, callersOf } from "../../reading/agents";

const difference = (a: Iterable<string>, b: ReadonlySet<string>): string[] =>
  [...a].filter((item) => !b.has(item));

export const declaredDelegations = rule({
  name: "admission-declared-delegations",
  layer: "admission",
  severity: "critical",
  description: "Admission declares the delegations of the Agents in the stack, no more and no less.",
  why: "One more is a delegation that nobody deployed and everybody may; one less refuses what is deployed.",
  remediation: [
    "Derive both from the same source: `delegations` in the stack configuration.",
    "By hand: parameters.delegations maps each `<tenant>/<agent>` to its callees, parameters.callers each callee to the other namespaces it is called from.",
  ],
  subjects: (stack) =>
    admissionPolicies(stack).filter(({ role, inForce }) => role === "agents" && inForce.length > 0),
  *check({ parameters, tables }, stack) {
    const delegations = tables.get("delegations") ?? new Map<string, readonly string[]>();
    const callers = tables.get("callers") ?? new Map<string, readonly string[]>();
    const known = new Set(agents(stack).map(({ id }) => id));
    for (const id of difference(new Set([...delegations.keys(), ...callers.keys()]), known))
      yield parameters.finding(`declares ${id}, and there is no such Agent in this stack. Remove it.`);
    for (const { id, tenant } of agents(stack)) {
      const declared = new Set(delegations.get(id) ?? []);
      const made = new Set(calleesOf(stack, id).map(agentId));
      for (const callee of difference(declared, made))
        yield parameters.finding(`declares ${id} -> ${callee}, which the Agent does not make. Remove it.`);
      for (const callee of difference(made, declared))
        yield parameters.finding(`does not declare ${id} -> ${callee}, which the Agent makes. Declare it.`);
      for (const [table, rows] of [
        ["delegations", delegations],
        ["callers", callers],
      ] as const)
        if (!rows.has(id))
          yield parameters.finding(`${table} does not list ${id}. List it, if only with nothing.`);
      const allowed = new Set(callers.get(id) ?? []);
      const calling = new Set(
        callersOf(stack, id)
          .map((caller) => caller.tenant)
          .filter((name) => name !== tenant),
      );
      for (const namespace of difference(allowed, calling))
        yield parameters.finding(
          `lets ${id} allow namespace ${namespace}, where it has no caller. Remove it.`,
        );
      for (const namespace of difference(calling, allowed))
        yield parameters.finding(
          `does not let ${id} allow namespace ${namespace}, where it has a caller. Add it.`,
        );
    }
  },
});
