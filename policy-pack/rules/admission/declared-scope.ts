import { KAGENT_API_GROUP, KAGENT_NAMESPACE } from "../../../topology/kagent";
import { tokenSecretName } from "../../../topology/names";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { type AdmissionView, admissionPolicies } from "../../reading/admission";
import { agents } from "../../reading/agents";
import { rolesOfNamespace } from "../../reading/delegation-labels";
import { namespaceObject, tenants } from "../../reading/scope";
import { isOthersCredential } from "../../reading/secrets";

const TOKENS = tokenSecretName("");
const ENFORCED_VERSION = "pod-security.kubernetes.io/enforce-version";

function* sameNames(
  view: AdmissionView,
  table: string,
  wanted: Iterable<string>,
  what: string,
): Iterable<Finding> {
  const declared = new Set(view.tables.get(table)?.keys() ?? []);
  const there = new Set(wanted);
  for (const name of declared)
    if (!there.has(name))
      yield view.parameters.finding(`${table} names ${name}, which is no ${what} of this stack. Remove it.`);
  for (const name of there)
    if (!declared.has(name))
      yield view.parameters.finding(`${table} does not name the ${what} ${name}. Add it.`);
}

function* rolesWithin(view: AdmissionView, table: string, stack: StackIndex): Iterable<Finding> {
  for (const [name, roles] of view.tables.get(table) ?? []) {
    const object = namespaceObject(stack, name);
    const carried = object === undefined ? new Set<string>() : rolesOfNamespace(object);
    for (const role of roles)
      if (!carried.has(role))
        yield view.parameters.finding(
          `${table} gives ${name} the label ${role}, which its Namespace does not carry. Remove it.`,
        );
  }
}

function* versionsCarried(view: AdmissionView, stack: StackIndex): Iterable<Finding> {
  for (const [name, versions] of view.tables.get("podSecurity") ?? []) {
    const carried = namespaceObject(stack, name)?.labels().get(ENFORCED_VERSION);
    for (const version of versions)
      if (version !== carried)
        yield view.parameters.finding(
          `podSecurity lets ${name} enforce a version that its Namespace does not carry. Remove it.`,
        );
  }
}

function* agentScope(view: AdmissionView, stack: StackIndex): Iterable<Finding> {
  yield* sameNames(view, "tenants", tenants(stack), "tenant");
  yield* sameNames(
    view,
    "agents",
    agents(stack).map(({ id }) => id),
    "Agent",
  );
  yield* rolesWithin(view, "tenants", stack);
  for (const [id, secrets] of view.tables.get("agents") ?? []) {
    const [tenant = ""] = id.split("/");
    for (const secret of secrets)
      if (secret.endsWith(TOKENS) || isOthersCredential(stack, `${tenant}/${secret}`))
        yield view.parameters.finding(
          `agents gives ${id} the Secret ${secret}, which holds another object's credentials. Remove it.`,
        );
  }
}

function* keyScope(view: AdmissionView, stack: StackIndex): Iterable<Finding> {
  yield* sameNames(view, "apiKeys", tenants(stack), "tenant");
  for (const [tenant, secrets] of view.tables.get("apiKeys") ?? []) {
    const used = new Set(
      stack
        .in(KAGENT_API_GROUP, "ModelConfig", tenant)
        .map((config) => config.spec.at("apiKeySecret").text()),
    );
    for (const secret of secrets)
      if (!used.has(secret))
        yield view.parameters.finding(
          `apiKeys gives ${tenant} the Secret ${secret}, which no ModelConfig there uses. Remove it.`,
        );
  }
}

export const declaredScope = rule({
  name: "admission-declared-scope",
  layer: "admission",
  severity: "critical",
  description: "Admission knows the tenants, Agents, labels and Secrets of the stack, no more and no less.",
  why: "A tenant or Agent that admission does not know is not checked; a label or Secret too many is one that a team may take.",
  remediation: [
    "Derive all of them from the same stack configuration.",
    "By hand: parameters.tenants, parameters.agents, parameters.apiKeys and parameters.governed list what the stack contains.",
  ],
  subjects: (stack) => admissionPolicies(stack).filter(({ inForce }) => inForce.length > 0),
  *check(view, stack) {
    if (view.role === "agents") yield* agentScope(view, stack);
    else if (view.role === "model-configs") yield* keyScope(view, stack);
    else {
      for (const table of ["governed", "podSecurity"])
        yield* sameNames(view, table, [KAGENT_NAMESPACE, ...tenants(stack)], "governed namespace");
      yield* rolesWithin(view, "governed", stack);
      yield* versionsCarried(view, stack);
    }
  },
});
