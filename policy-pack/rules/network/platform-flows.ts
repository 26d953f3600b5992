import { GATEWAY_PORT } from "../../../topology/istio";
import { CONTROLLER_PORT, DATABASE_PORT, KAGENT_NAMESPACE, UI_PORT } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { calleesOf, callersOf } from "../../reading/agents";
import { type Flow, flowsOf, networkPolicies, TO_AGENT } from "../../reading/flows";
import { ISTIO_NETWORKING } from "../../reading/kinds";
import type { PlatformWorkload } from "../../reading/workloads";

interface PlatformFlow {
  readonly flow: Flow;
  readonly workload: PlatformWorkload;
}

function* platformFlows(stack: StackIndex): Iterable<PlatformFlow> {
  for (const policy of networkPolicies(stack))
    for (const flow of flowsOf(stack, policy))
      if (typeof flow.subject === "object" && flow.subject.kind !== "agent")
        yield { flow, workload: flow.subject.kind };
}

type Check = (flow: Flow, stack: StackIndex) => boolean;
const port =
  (wanted: number): Check =>
  ({ ports }) =>
    ports.length > 0 && ports.every((one) => one === `TCP/${wanted}`);
const from =
  (...workloads: PlatformWorkload[]): Check =>
  ({ peer }) =>
    peer.kind === "platform" && workloads.includes(peer.workload);
const elsewhere: Check = ({ peer }) => peer.kind === "elsewhere";

/** Where the controller's database stands elsewhere, the mesh knows it by the same addresses and port. */
function databaseAddresses(stack: StackIndex): ReadonlySet<string> {
  const entries = stack.in(ISTIO_NETWORKING, "ServiceEntry", KAGENT_NAMESPACE).map(({ spec }) => spec);
  return new Set(
    entries.flatMap((spec) =>
      spec
        .at("addresses")
        .texts()
        .flatMap((range) =>
          spec
            .at("ports")
            .items()
            .map((port) => `${range} TCP/${port.at("number").number()}`),
        ),
    ),
  );
}
const toDatabase: Check = ({ peer, ports }, stack) =>
  peer.kind === "addresses" &&
  ports.length > 0 &&
  ports.every((port) => stack.derive(databaseAddresses).has(`${peer.cidr} ${port}`));

/** The first port on which the controller goes to an address that is not the database's: that of the API server. */
function apiServerPort(stack: StackIndex): string | undefined {
  for (const { flow, workload } of platformFlows(stack))
    if (workload === "controller" && flow.direction === "egress" && flow.peer.kind === "addresses")
      if (!toDatabase(flow, stack)) return flow.ports[0];
  return undefined;
}
const toApiServer: Check = ({ peer, ports }, stack) =>
  peer.kind === "addresses" && ports.length === 1 && ports[0] === stack.derive(apiServerPort);
const agentsWith =
  (has: (stack: StackIndex, id: string) => boolean): Check =>
  ({ peer }, stack) =>
    peer.kind === "agents" && peer.agents.every(({ id }) => has(stack, id));
const all =
  (...checks: Check[]): Check =>
  (flow, stack) =>
    checks.every((check) => check(flow, stack));
const toAgents: Check = ({ ports }) => ports.length > 0 && ports.every((one) => one === TO_AGENT);

/** What each workload of the platform may do; `elsewhere` are the pods that bring users in. */
const ALLOWED: Readonly<Record<PlatformWorkload, Readonly<Record<Flow["direction"], readonly Check[]>>>> = {
  controller: {
    ingress: [
      all(
        port(CONTROLLER_PORT),
        agentsWith(() => true),
      ),
      all(port(CONTROLLER_PORT), from("ui")),
      all(port(CONTROLLER_PORT), elsewhere),
    ],
    egress: [
      all(
        toAgents,
        agentsWith(() => true),
      ),
      all(port(DATABASE_PORT), from("database")),
      toDatabase,
      toApiServer,
    ],
  },
  ui: {
    ingress: [all(port(UI_PORT), elsewhere)],
    egress: [all(port(CONTROLLER_PORT), from("controller"))],
  },
  database: { ingress: [all(port(DATABASE_PORT), from("controller"))], egress: [] },
  gateway: {
    ingress: [
      all(
        port(GATEWAY_PORT),
        agentsWith((stack, id) => calleesOf(stack, id).length > 0),
      ),
    ],
    egress: [
      all(
        toAgents,
        agentsWith((stack, id) => callersOf(stack, id).length > 0),
      ),
    ],
  },
};

export const onlyPlatformFlows = rule({
  name: "network-platform-flows",
  layer: "network",
  severity: "critical",
  description:
    "Controller, UI, database and gateway of kagent have the flows they need, on their ports, and no others.",
  why: "Port 8083 of the controller serves the admin API, 6060 an unauthenticated profiler; a gateway that reaches more than callees is a way around the graph.",
  remediation: [
    "Remove the peer, or narrow its ports: controller 8083, UI 8080, database 5432, gateway 8083, agents 8080.",
  ],
  subjects: platformFlows,
  *check({ flow, workload }, stack) {
    if (!ALLOWED[workload][flow.direction].some((check) => check(flow, stack)))
      yield flow.field.finding(
        `is no ${flow.direction} that the ${workload} needs, or not on its port. Remove it.`,
      );
  },
});
