/** What can be read off the requests that runtimes made to the controller. */
import type { AgentRef } from "../../topology/index";
import { kagent } from "../../topology/index";
import type { Served } from "../pod/controller";
import { toolName } from "./derive";

const nameOf = ({ asked }: Served): unknown => asked.headers[kagent.AGENT_NAME_HEADER];

/** In order, without identifiers. */
export function controllerCalls(served: readonly Served[], agents: readonly AgentRef[]): string[] {
  return served.map((one) => {
    const agent = agents.find((candidate) => toolName(candidate) === nameOf(one));
    const path = one.asked.path.replace(/\?.*$/, "").replace(/^(\/api\/\w+)\/[^/]+/, "$1/{id}");
    return `${agent?.name ?? "somebody"}: ${one.asked.method} ${path} ${one.status}`;
  });
}

/** The runtime keeps the headers of a request in its session's state, and so they stand in an event (kagent-adk 0.10.4). */
export function headersAt(served: readonly Served[], agent: AgentRef): string[] {
  const events = served.filter((one) => nameOf(one) === toolName(agent) && /\/events\?/.test(one.asked.path));
  const headers = events.flatMap(({ asked }) => {
    const { data } = JSON.parse(asked.body) as { data: string };
    const { actions } = JSON.parse(data) as { actions?: { state_delta?: { headers?: object } } };
    return Object.keys(actions?.state_delta?.headers ?? {});
  });
  return [...new Set(headers)].sort();
}
