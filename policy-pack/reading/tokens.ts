/** Where delegation tokens are checked, and who they say they are. */
import { requestPrincipal } from "../../topology/token";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { type AgentView, agents } from "./agents";
import { workloadKey } from "./authorization";
import { ISTIO_SECURITY } from "./kinds";
import { inGoverned } from "./scope";
import { selected, type Workload } from "./workloads";

function byWorkload(stack: StackIndex): ReadonlyMap<string, readonly StackObject[]> {
  const map = new Map<string, StackObject[]>();
  for (const object of inGoverned(stack, ISTIO_SECURITY, "RequestAuthentication")) {
    const workload = selected(stack, object.namespace, object.spec.at("selector"));
    if (typeof workload !== "object") continue;
    const key = workloadKey(workload);
    map.set(key, [...(map.get(key) ?? []), object]);
  }
  return map;
}
/** RequestAuthentications that select a workload. */
export const checkedAt = (stack: StackIndex, workload: Workload): readonly StackObject[] =>
  stack.derive(byWorkload).get(workloadKey(workload)) ?? [];

const bySubject = (stack: StackIndex): ReadonlyMap<string, AgentView> =>
  new Map(agents(stack).map((agent) => [requestPrincipal(agent), agent]));
/** The agent that a request principal names; undefined for wildcards and for anybody else. */
export const agentOfSubject = (stack: StackIndex, text: string): AgentView | undefined =>
  stack.derive(bySubject).get(text);
