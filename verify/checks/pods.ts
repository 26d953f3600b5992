/** Agents' pods, in which some checks ask. */
import { type Agent, istio, kagent } from "../../topology/index";
import { PodExecutor } from "../probes/exec";
import { CannotExecute, type Place } from "../probes/probe";
import { NoRogue } from "../probes/rogue";
import type { Doc } from "../static/objects";
import { type Context, type Finding, notAnswerable } from "./check";

export interface Running {
  readonly place: Place;
  readonly address: string;
  readonly image: string;
}

export const executorOf = ({ cluster, signal }: Context): PodExecutor =>
  new PodExecutor(cluster.api.kubeconfig, cluster.api.timeoutSeconds, signal);

/** A pod of an agent that runs, with the agent's own container. */
export async function agentPodOf(
  { cluster }: Context,
  { tenant, name }: Agent,
): Promise<Running | undefined> {
  const [pod] = await cluster.running(tenant, kagent.agentPodLabels(name));
  const container = pod?.spec.containers.find((one: Doc) => one.name !== istio.PROXY_CONTAINER);
  if (pod === undefined || container === undefined) return undefined;
  return {
    place: { namespace: tenant, pod: pod.metadata.name, container: container.name },
    address: pod.status.podIP,
    image: container.image,
  };
}

/** Why nothing can be asked of an agent's pod. */
export const noPod = ({ live }: Context, { id }: Agent): string =>
  live.nodes === 0
    ? "this cluster has no nodes, so no agent runs"
    : `no pod of ${id} is running; it needs one of each agent`;

/** What could not be asked is no answer, neither way. */
export async function answerable(
  subject: string,
  ask: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CannotExecute || error instanceof NoRogue)
      return [notAnswerable(subject, error.message)];
    throw error;
  }
}
