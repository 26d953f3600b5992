/** A pod of nobody cannot even connect to an agent, while it can connect elsewhere. */
import { kagent } from "../../topology/index";
import { type Executor, type Place, probe } from "../probes/probe";
import { withRogue } from "../probes/rogue";
import { type Check, type Finding, fail, notAnswerable, pass } from "./check";
import { agentPodOf, answerable, executorOf, noPod, type Running } from "./pods";
import { describe, PROBE_SECONDS } from "./routing";

/** From a place to agents; the control first, without which nothing is said. */
export async function connectionFindings(
  executor: Executor,
  from: { readonly name: string; readonly place: Place },
  control: { readonly host: string; readonly port: number },
  targets: readonly { readonly id: string; readonly address: string }[],
): Promise<Finding[]> {
  const connect = (host: string, port: number) =>
    probe(executor, from.place, { kind: "tcp", host, port, timeoutSeconds: PROBE_SECONDS });
  const reached = await connect(control.host, control.port);
  if (!("connected" in reached))
    return [
      notAnswerable(
        from.name,
        `it cannot reach what it must be able to reach (${describe(reached)}), so that it reaches no agent says nothing`,
      ),
    ];
  const findings: Finding[] = [];
  for (const { id, address } of targets) {
    const outcome = await connect(address, kagent.AGENT_PORT);
    const subject = `${from.name} -> ${id}`;
    findings.push(
      "connected" in outcome
        ? fail(
            subject,
            "it connects: the network plugin does not enforce NetworkPolicies, or they are too wide",
          )
        : pass(subject, describe(outcome)),
    );
  }
  return findings;
}

export const connections: Check = {
  layer: "network",
  title: "no pod but the declared ones can connect to an agent",
  run: async (context) => {
    const { cluster, topology, signal } = context;
    const pods = new Map<string, Running>();
    for (const agent of topology.agents) {
      const pod = await agentPodOf(context, agent);
      if (pod !== undefined) pods.set(agent.id, pod);
    }
    const [first] = topology.agents;
    const image = [...pods.values()][0]?.image;
    if (first === undefined) return [pass("agents", "there are none")];
    if (image === undefined) return [notAnswerable("rogue pod", noPod(context, first))];
    const targets = [...pods].map(([id, { address }]) => ({ id, address }));
    const options = { image, timeoutSeconds: cluster.api.timeoutSeconds, signal };
    // From an agent's pod its sidecar would answer the connection itself: only a pod outside of the mesh shows the network alone.
    return answerable("rogue pod", () =>
      withRogue(cluster.api, options, ({ place, control }) =>
        connectionFindings(
          executorOf(context),
          { name: "rogue pod", place },
          { host: control.address, port: control.port },
          targets,
        ),
      ),
    );
  },
};
