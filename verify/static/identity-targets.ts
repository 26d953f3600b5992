/** The workloads that a proof of requests is about. */
import { type Agent, agentId, istio, kagent, type Topology } from "../../topology/index";
import type { Workload } from "./istio";
import { type Labels, type Objects, push, selects } from "./objects";

/** A workload that is called. */
export interface Target extends Workload {
  readonly name: string;
  readonly agent?: Agent;
}
export const COMPONENTS: readonly kagent.KagentComponent[] = ["controller", "ui", "database"];

/** Every workload that is governed, one that nobody declared in each namespace, and one of each kind that a selector speaks of. */
export function targetsOf({ agents, tenants, routing }: Topology, objects: Objects): Target[] {
  const home = kagent.KAGENT_NAMESPACE;
  const declared: Target[] = [
    ...agents.map((agent) => ({
      name: agent.id,
      namespace: agent.tenant,
      labels: kagent.runningAgentLabels(agent.name),
      agent,
    })),
    ...(routing === "gateway"
      ? [{ name: GATEWAY_ID, namespace: istio.GATEWAY_NAMESPACE, labels: istio.GATEWAY_LABELS }]
      : []),
    ...COMPONENTS.map((component) => ({
      name: `${home}/${component}`,
      namespace: home,
      labels: kagent.kagentPodLabels(component),
    })),
  ];
  const namespaces = [home, ...tenants.map(({ name }) => name)];
  return [
    ...declared,
    ...namespaces.map((namespace) => ({ name: `${namespace}/(undeclared)`, namespace, labels: {} })),
    ...spokenWorkloads(objects, namespaces, declared),
  ];
}

function spokenWorkloads(
  objects: Objects,
  namespaces: readonly string[],
  declared: readonly Target[],
): Target[] {
  const selected = (place: string): Labels[] =>
    MESH_POLICIES.flatMap((kind) =>
      objects.in(kind, place).flatMap(({ spec }) => spec?.selector?.matchLabels ?? []),
    );
  const known = new Map<string, Labels[]>();
  for (const { namespace, agent, labels } of declared)
    push(known, namespace, agent === undefined ? labels : kagent.agentPodLabels(agent.name));
  const everywhere = selected(istio.ISTIO_NAMESPACE);
  const found = new Map<string, Target>();
  for (const namespace of namespaces)
    for (const labels of [...selected(namespace), ...everywhere]) {
      // What bears the labels by which policies know a workload is that workload.
      if ((known.get(namespace) ?? []).some((matchLabels) => selects({ matchLabels }, labels))) continue;
      const name = `${namespace}/(pods with ${JSON.stringify(labels)})`;
      found.set(name, { name, namespace, labels });
    }
  return [...found.values()];
}
const MESH_POLICIES = ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"];
export const GATEWAY_ID = agentId({ tenant: istio.GATEWAY_NAMESPACE, name: istio.GATEWAY_NAME });
