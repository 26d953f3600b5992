/** Agents of a stack, and the delegations that stand in them as tools (`kagent.dev/v1alpha2`). */
import { KAGENT_API_GROUP } from "../../topology/kagent";
import { type AgentRef, agentId } from "../../topology/names";
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";

export interface AgentView extends AgentRef {
  /** `<tenant>/<agent>`. */
  readonly id: string;
  readonly object: StackObject;
}

export interface DelegationView {
  readonly caller: AgentView;
  readonly callee: AgentRef;
  readonly calleeId: string;
  readonly tool: Field;
}

export const agents = (stack: StackIndex): readonly AgentView[] => stack.derive(allAgents);

function allAgents(stack: StackIndex): AgentView[] {
  return stack.of(KAGENT_API_GROUP, "Agent").map((object) => {
    const ref = { tenant: object.namespace, name: object.name };
    return { ...ref, id: agentId(ref), object };
  });
}

const byId = (stack: StackIndex): ReadonlyMap<string, AgentView> =>
  new Map(agents(stack).map((agent) => [agent.id, agent]));

export const agentById = (stack: StackIndex, id: string): AgentView | undefined => stack.derive(byId).get(id);

export const declarative = ({ object }: AgentView): Field => object.at("spec", "declarative");
export const deployment = (agent: AgentView): Field => declarative(agent).at("deployment");
export const tools = (agent: AgentView): Field[] => declarative(agent).at("tools").items();
/** A tool that is another agent: by its type, or by the block that names one. */
export const isAgentTool = (tool: Field): boolean =>
  tool.at("type").text() === "Agent" || tool.at("agent").isPresent;
export const agentTools = (agent: AgentView): Field[] => tools(agent).filter(isAgentTool);

/** Without a namespace a tool means an agent of the caller's own. */
export function calleeOf(caller: AgentView, tool: Field): AgentRef {
  const namespace = tool.at("agent", "namespace").text() ?? "";
  return {
    tenant: namespace === "" ? caller.tenant : namespace,
    name: tool.at("agent", "name").text() ?? "",
  };
}

/** Every delegation that an Agent of the stack makes. */
export const delegations = (stack: StackIndex): readonly DelegationView[] => stack.derive(allDelegations);

function allDelegations(stack: StackIndex): DelegationView[] {
  return agents(stack).flatMap((caller) =>
    agentTools(caller).map((tool) => {
      const callee = calleeOf(caller, tool);
      return { caller, callee, calleeId: agentId(callee), tool };
    }),
  );
}

interface Ends {
  readonly callers: ReadonlyMap<string, readonly AgentView[]>;
  readonly callees: ReadonlyMap<string, readonly AgentRef[]>;
  readonly pairs: ReadonlySet<string>;
}

function ends(stack: StackIndex): Ends {
  const callers = new Map<string, AgentView[]>();
  const callees = new Map<string, AgentRef[]>();
  const pairs = new Set<string>();
  for (const { caller, callee, calleeId } of delegations(stack)) {
    callers.set(calleeId, [...(callers.get(calleeId) ?? []), caller]);
    callees.set(caller.id, [...(callees.get(caller.id) ?? []), callee]);
    pairs.add(`${caller.id} ${calleeId}`);
  }
  return { callers, callees, pairs };
}

export const callersOf = (stack: StackIndex, id: string): readonly AgentView[] =>
  stack.derive(ends).callers.get(id) ?? [];
export const calleesOf = (stack: StackIndex, id: string): readonly AgentRef[] =>
  stack.derive(ends).callees.get(id) ?? [];
export const isDeclared = (stack: StackIndex, caller: string, callee: string): boolean =>
  stack.derive(ends).pairs.has(`${caller} ${callee}`);
/** Agents that others delegate to. */
export const callees = (stack: StackIndex): readonly AgentView[] =>
  agents(stack).filter(({ id }) => callersOf(stack, id).length > 0);

/** The service account that an agent's pods run as: the one it names, or the one kagent makes of its name. */
export const accountOf = (agent: AgentView): string =>
  deployment(agent).at("serviceAccountName").text() ?? agent.name;

function byAccount(stack: StackIndex): ReadonlyMap<string, readonly AgentView[]> {
  const map = new Map<string, AgentView[]>();
  for (const agent of agents(stack)) {
    const key = `${agent.tenant}/${accountOf(agent)}`;
    map.set(key, [...(map.get(key) ?? []), agent]);
  }
  return map;
}
export const agentsWithAccount = (
  stack: StackIndex,
  namespace: string,
  account: string,
): readonly AgentView[] => stack.derive(byAccount).get(`${namespace}/${account}`) ?? [];
