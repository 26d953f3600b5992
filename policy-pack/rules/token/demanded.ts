import { CALLEE_HEADER } from "../../../topology/kagent";
import { calleeHeaderValue } from "../../../topology/names";
import { audience } from "../../../topology/token";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { type AgentView, callees, isDeclared } from "../../reading/agents";
import { allowRules, conditionValues, ownersIn, soleAgent, sources } from "../../reading/authorization";
import { agentOfSubject } from "../../reading/tokens";

const AUDIENCE = "request.auth.audiences";
const HEADER = `request.headers[${CALLEE_HEADER}]`;
const byAudience = (stack: StackIndex) => new Map(callees(stack).map((callee) => [audience(callee), callee]));

/** The one callee whose audience a rule demands. */
function calleeIn(stack: StackIndex, rule: Field): AgentView | undefined {
  const values = conditionValues(rule, AUDIENCE) ?? [];
  return values.length === 1 ? stack.derive(byAudience).get(values[0] ?? "") : undefined;
}

/** The caller whose token a source demands; findings where it demands none, or that of several. */
function* callerIn(stack: StackIndex, source: Field, found: (caller: AgentView) => void): Iterable<Finding> {
  const field = source.at("requestPrincipals");
  const subjects = field.texts();
  const [caller] = subjects.map((text) => agentOfSubject(stack, text));
  if (subjects.length !== 1 || caller === undefined)
    yield field.finding(
      "must demand the token of one Agent of this stack, as kagent-a2a/<tenant>.<agent>, beside the principal.",
    );
  else found(caller);
}

/** A rule at a callee: whoever delivers the call, with the token of one declared caller, made for this callee. */
function* atCallee(stack: StackIndex, rule: Field, callee: AgentView): Iterable<Finding> {
  const list = sources(rule);
  const byController = list.every((source) => {
    const owners = ownersIn(stack, source);
    return (
      owners.length > 0 && owners.every((owner) => typeof owner === "object" && owner.kind === "controller")
    );
  });
  // Users come through the controller with their own identity; they have no delegation token.
  if (byController && list.length > 0) return;
  for (const source of list) {
    let caller: AgentView | undefined;
    yield* callerIn(stack, source, (agent) => {
      caller = agent;
    });
    if (caller === undefined) continue;
    if (!isDeclared(stack, caller.id, callee.id))
      yield source
        .at("requestPrincipals")
        .finding(`${caller.id} is no declared caller of ${callee.id}. Remove it.`);
    const deliverer = soleAgent(stack, source);
    const byGateway = ownersIn(stack, source).every(
      (owner) => typeof owner === "object" && owner.kind === "gateway",
    );
    if (!byGateway && deliverer?.id !== caller.id)
      yield source.finding(
        "takes the token of one caller from another. Name the principal and the token of the same Agent.",
      );
  }
  if (calleeIn(stack, rule)?.id !== callee.id)
    yield rule.at("when").finding(`must demand ${AUDIENCE} ${audience(callee)}.`);
}

/** A rule at the gateway: principal, token, audience and header of one declared delegation. */
function* atGateway(stack: StackIndex, rule: Field): Iterable<Finding> {
  const callee = calleeIn(stack, rule);
  if (callee === undefined) {
    yield rule.at("when").finding(`must demand ${AUDIENCE} of one callee.`);
    return;
  }
  const headers = conditionValues(rule, HEADER) ?? [];
  if (headers.length !== 1 || headers[0] !== calleeHeaderValue(callee))
    yield rule
      .at("when")
      .finding(`must demand ${HEADER} ${calleeHeaderValue(callee)}, the callee that the token is for.`);
  for (const source of sources(rule)) {
    let caller: AgentView | undefined;
    yield* callerIn(stack, source, (agent) => {
      caller = agent;
    });
    if (caller === undefined) continue;
    if (soleAgent(stack, source)?.id !== caller.id)
      yield source.finding(
        "lets one caller use the token of another. Name the principal and the token of the same Agent.",
      );
    if (!isDeclared(stack, caller.id, callee.id))
      yield source
        .at("requestPrincipals")
        .finding(`${caller.id} is no declared caller of ${callee.id}. Remove it.`);
  }
}

export const demanded = rule({
  name: "token-demanded",
  layer: "token",
  severity: "critical",
  description:
    "Callees and the gateway demand principal, token and audience of one declared delegation together.",
  why: "A RequestAuthentication alone lets calls without a token pass, and a rule with the principal alone voids the token (measured, Istio 1.31).",
  remediation: [
    "Write both into ONE source, and bind the audience (at the gateway the header too):",
    "  from: [{source: {principals: [cluster.local/ns/kagent/sa/a2a-gateway], requestPrincipals: [kagent-a2a/team-alpha.orchestrator]}}]",
    "  when: [{key: request.auth.audiences, values: [team-beta.specialist]}]",
  ],
  *subjects(stack) {
    for (const { view, rule } of allowRules(stack)) {
      const { workload } = view;
      if (typeof workload !== "object") continue;
      if (workload.kind === "gateway" || workload.kind === "agent") yield { workload, rule };
    }
  },
  *check({ workload, rule }, stack) {
    if (workload.kind === "agent") yield* atCallee(stack, rule, workload.agent);
    else yield* atGateway(stack, rule);
  },
});
