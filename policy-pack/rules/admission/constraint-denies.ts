import { rule } from "../../framework/rule";
import { admissionPolicies, ROLES } from "../../reading/admission";
import { GATEKEEPER_TEMPLATES } from "../../reading/kinds";

const NARROWING = [
  "namespaces",
  "excludedNamespaces",
  "namespaceSelector",
  "labelSelector",
  "scope",
  "name",
  "source",
] as const;

export const constraintDenies = rule({
  name: "admission-constraint-denies",
  layer: "admission",
  severity: "critical",
  description: "A Constraint denies, and looks at every object of its kinds; its template fails closed.",
  why: "`dryrun` and `warn` only note a violation; an excluded namespace or a label admits whoever fits it; `Ignore` admits whatever the CEL stumbles over.",
  remediation: [
    "Write on the Constraint:",
    "  enforcementAction: deny",
    "  match: {kinds: [{apiGroups: [kagent.dev], kinds: [Agent, SandboxAgent, AgentHarness]}]}",
    "and in the template's CEL source:",
    "  failurePolicy: Fail",
  ],
  subjects: (stack) => admissionPolicies(stack).filter(({ source }) => source.group === GATEKEEPER_TEMPLATES),
  *check({ role, cel, inForce }) {
    if (cel.at("failurePolicy").text() !== "Fail") yield cel.at("failurePolicy").finding("must be Fail.");
    if (cel.at("matchCondition").isPresent || cel.at("matchConditions").items().length > 0)
      yield cel.at("matchConditions").finding("leaves objects out. Remove it.");
    const { group, kinds } = ROLES[role];
    for (const constraint of inForce) {
      const action = constraint.spec.at("enforcementAction");
      if (action.text() !== "deny") yield action.finding("must be deny.");
      const match = constraint.spec.at("match");
      for (const key of NARROWING)
        if (match.at(key).isPresent) yield match.at(key).finding("leaves objects out. Remove it.");
      const matched = match
        .at("kinds")
        .items()
        .filter((entry) =>
          entry
            .at("apiGroups")
            .texts()
            .some((text) => text === group || text === "*"),
        )
        .flatMap((entry) => entry.at("kinds").texts());
      for (const kind of kinds)
        if (!matched.includes(kind) && !matched.includes("*"))
          yield match.at("kinds").finding(`must name ${kind}.`);
    }
  },
});
