import { TOKEN_HEADER, TOKEN_ISSUER } from "../../../topology/token";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { callees } from "../../reading/agents";
import { gatewayWitness } from "../../reading/gateway";
import { checkedAt } from "../../reading/tokens";
import type { Workload } from "../../reading/workloads";

function* places(stack: StackIndex): Iterable<{ workload: Workload; witness: StackObject; what: string }> {
  for (const agent of callees(stack))
    yield { workload: { kind: "agent", agent }, witness: agent.object, what: `callee ${agent.id}` };
  const witness = gatewayWitness(stack);
  if (witness !== undefined && callees(stack).length > 0)
    yield { workload: { kind: "gateway" }, witness, what: "the gateway" };
}

export const requestAuthentication = rule({
  name: "token-request-authentication",
  layer: "token",
  severity: "critical",
  description: "Each callee, and the gateway, checks delegation tokens.",
  why: "No agent verifies any header: a token that no proxy checks proves nothing (kagent 0.10).",
  remediation: [
    "Declare for the workload:",
    "  kind: RequestAuthentication",
    "  spec: {selector: {matchLabels: {app: kagent, kagent: specialist}}, jwtRules: [{issuer: kagent-a2a, audiences: [team-beta.specialist], fromHeaders: [{name: X-Agent-Token}], jwks: ...}]}",
  ],
  subjects: places,
  *check({ workload, witness, what }, stack) {
    const found = checkedAt(stack, workload);
    if (found.length !== 1) {
      yield witness.root.finding(
        `${what} has ${found.length} RequestAuthentications in this stack. Declare exactly one.`,
      );
      return;
    }
    for (const authentication of found) {
      const rules = authentication.spec.at("jwtRules");
      if (rules.items().length !== 1)
        yield rules.finding("must be one rule: another issuer's tokens would be accepted as well.");
      for (const rule of rules.items()) {
        if (rule.at("issuer").text() !== TOKEN_ISSUER)
          yield rule.at("issuer").finding(`must be ${TOKEN_ISSUER}.`);
        const headers = rule.at("fromHeaders").items();
        if (
          headers.length !== 1 ||
          headers[0]?.at("name").text() !== TOKEN_HEADER ||
          headers[0]?.at("prefix").isPresent
        )
          yield rule.at("fromHeaders").finding(`must be ${TOKEN_HEADER} alone.`);
        for (const key of ["fromParams", "fromCookies"])
          if (rule.at(key).items().length > 0)
            yield rule.at(key).finding("takes tokens from elsewhere. Remove it.");
        const forward = rule.at("forwardOriginalToken");
        if (workload.kind === "gateway" && forward.flag() !== true)
          yield forward.finding("must be true: the callee checks the token too.");
      }
    }
  },
});
