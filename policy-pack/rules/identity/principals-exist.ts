import { rule } from "../../framework/rule";
import { allowRules, sources, trustDomain } from "../../reading/authorization";
import { parsePrincipal, principalOwner } from "../../reading/workloads";

export const principalsExist = rule({
  name: "identity-principals-exist",
  layer: "identity",
  severity: "critical",
  description:
    "Rules that allow name their callers by principals, each written out, of accounts that exist, in one trust domain.",
  why: "A principal that nobody has allows nobody, until somebody creates the account; a wildcard allows whoever fits it. kagent has no account called `kagent`.",
  remediation: [
    "Write:",
    "  from: [{source: {principals: [cluster.local/ns/team-alpha/sa/orchestrator-sa]}}]",
  ],
  subjects: allowRules,
  *check({ view, rule }, stack) {
    const list = sources(rule);
    if (list.length === 0) {
      yield rule.finding(
        `allows every caller (policy ${view.object.namespace}/${view.object.name}). Name principals.`,
      );
      return;
    }
    for (const source of list) {
      const principals = source.at("principals");
      if (principals.items().length === 0)
        yield source.finding("names no principal: everyone fits it. Name principals.");
      for (const item of principals.items()) {
        const text = item.text() ?? "";
        const principal = parsePrincipal(text);
        if (principal === undefined)
          yield item.finding("must be <trust domain>/ns/<namespace>/sa/<account>, without wildcards.");
        else if (principalOwner(stack, principal) === undefined)
          yield item.finding(`${text}: no workload of this stack has this account.`);
        else if (principal.trustDomain !== stack.derive(trustDomain))
          yield item.finding(`${text}: other principals are of another trust domain.`);
      }
    }
  },
});
