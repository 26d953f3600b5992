import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import { admissionPolicies, ROLES } from "../../reading/admission";
import { ADMISSION } from "../../reading/kinds";

const hasEntries = (field: Field): boolean =>
  field
    .entries()
    .some(([, value]) => JSON.stringify(value.value) !== "[]" && JSON.stringify(value.value) !== "{}");

/** Fields that take objects out of what a policy looks at. */
function* narrowing(match: Field): Iterable<Finding> {
  for (const key of ["namespaceSelector", "objectSelector"])
    if (match.at(key).isPresent && hasEntries(match.at(key)))
      yield match.at(key).finding("leaves objects out by labels. Remove it.");
  if (match.at("excludeResourceRules").items().length > 0)
    yield match.at("excludeResourceRules").finding("leaves objects out. Remove it.");
}

export const nativeFailsClosed = rule({
  name: "admission-native-fails-closed",
  layer: "admission",
  severity: "critical",
  description:
    "A ValidatingAdmissionPolicy fails closed, looks at every object of its kinds, and is bound with Deny everywhere.",
  why: "`Ignore` admits whatever the CEL stumbles over; a selector or condition admits whoever fits it; without Deny a violation is only noted.",
  remediation: [
    "Write on the policy:",
    "  failurePolicy: Fail",
    "  matchConstraints: {resourceRules: [{apiGroups: [kagent.dev], apiVersions: ['*'], operations: [CREATE, UPDATE], resources: [agents, sandboxagents, agentharnesses], scope: '*'}]}",
    "and on its binding:",
    "  validationActions: [Deny, Audit]",
  ],
  subjects: (stack) => admissionPolicies(stack).filter(({ source }) => source.group === ADMISSION),
  *check({ role, source, inForce }) {
    const { spec } = source;
    if (!["Fail", undefined].includes(spec.at("failurePolicy").text()))
      yield spec.at("failurePolicy").finding("must be Fail.");
    if (spec.at("matchConditions").items().length > 0)
      yield spec.at("matchConditions").finding("leaves objects out. Remove it.");
    const match = spec.at("matchConstraints");
    yield* narrowing(match);
    const { group, resources } = ROLES[role];
    for (const resource of resources) {
      const covered = new Set<string>();
      for (const entry of match.at("resourceRules").items()) {
        const has = (key: string, wanted: string) =>
          entry
            .at(key)
            .texts()
            .some((text) => text === wanted || text === (wanted.includes("/") ? "*/*" : "*"));
        const whole =
          entry.at("resourceNames").items().length === 0 &&
          [undefined, "*"].includes(entry.at("scope").text());
        if (
          !whole ||
          !has("apiGroups", group) ||
          !has("resources", resource) ||
          !entry.at("apiVersions").texts().includes("*")
        )
          continue;
        for (const operation of ["CREATE", "UPDATE"])
          if (has("operations", operation)) covered.add(operation);
      }
      if (covered.size < 2)
        yield match
          .at("resourceRules")
          .finding(`must match CREATE and UPDATE of ${resource} in every version.`);
    }
    for (const binding of inForce) {
      if (!binding.spec.at("validationActions").texts().includes("Deny"))
        yield binding.spec.at("validationActions").finding("must list Deny.");
      const match = binding.spec.at("matchResources");
      if (match.isPresent) {
        yield* narrowing(match);
        if (match.at("resourceRules").items().length > 0)
          yield match.at("resourceRules").finding("narrows the policy. Remove it.");
      }
    }
  },
});
