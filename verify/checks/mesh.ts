/** Mutual TLS as the proxies in force demand it: what each pod's own Envoy says of the connections that it takes. */
import { type Agent, istio, kagent } from "../../topology/index";
import { scopesGateways } from "../../topology/istiod-environment";
import { type Inbound, inbound } from "../envoy/inbound";
import { PodExecutor } from "../probes/exec";
import { CannotExecute, type Executor, type Place } from "../probes/probe";
import type { Doc } from "../static/objects";
import { about, type Check, type Context, type Finding, fail, forEach, notAnswerable, pass } from "./check";

/** The program is in every image of Istio's proxy; it asks the Envoy beside it. */
const COMMAND = ["pilot-agent", "request", "GET", "config_dump?resource=dynamic_listeners"] as const;

interface Proxy {
  readonly subject: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly role: "sidecar" | "gateway";
}

/** Everything that a delegation goes through, and the controller that agents report to. */
function proxies({ agents, routing }: Context["topology"]): Proxy[] {
  const controller: Proxy = {
    subject: kagent.CONTROLLER_SERVICE_ACCOUNT,
    namespace: kagent.KAGENT_NAMESPACE,
    labels: kagent.kagentPodLabels("controller"),
    role: "sidecar",
  };
  const gateway: Proxy = {
    subject: istio.GATEWAY_NAME,
    namespace: istio.GATEWAY_NAMESPACE,
    labels: istio.GATEWAY_LABELS,
    role: "gateway",
  };
  const ofAgent = ({ id, tenant, name }: Agent): Proxy => ({
    subject: id,
    namespace: tenant,
    labels: kagent.agentPodLabels(name),
    role: "sidecar",
  });
  return [...agents.map(ofAgent), controller, ...(routing === "gateway" ? [gateway] : [])];
}

/** @throws CannotExecute */
export async function askProxy(executor: Executor, place: Place, role: Proxy["role"]): Promise<Inbound> {
  const text = await executor.run(place, COMMAND, "");
  let found: Inbound | undefined;
  try {
    found = inbound(JSON.parse(text), role);
  } catch {
    // Said below.
  }
  if (found === undefined || found.chains === 0)
    throw new CannotExecute(`the proxy of ${place.namespace}/${place.pod} shows no listener for its pod`);
  return found;
}

export function judged(subject: string, { chains, plain }: Inbound): Finding {
  return plain.length === 0
    ? pass(subject, `each of its ways in demands a client certificate (${chains})`)
    : fail(
        subject,
        `its proxy takes connections without a client certificate (${plain.slice(0, 5).join(", ")})`,
      );
}

export const proxyTls: Check = {
  layer: "identity",
  title: "the proxy in force takes mutual TLS only",
  run: async (context) => {
    const { cluster, live, topology, signal } = context;
    const executor = new PodExecutor(cluster.api.kubeconfig, cluster.api.timeoutSeconds, signal);
    return forEach(proxies(topology), (proxy) =>
      about(proxy.subject, async () => {
        const mine = await cluster.running(proxy.namespace, proxy.labels);
        if (mine.length === 0)
          return notAnswerable(
            proxy.subject,
            live.nodes === 0 ? "this cluster has no nodes, so nothing runs" : "no pod of it is running",
          );
        // One replica may be newer than another.
        const found = await Promise.all(mine.map((pod) => ofPod(executor, proxy, pod)));
        return found.find(({ status }) => status !== "pass") ?? found[0] ?? [];
      }),
    );
  },
};

async function ofPod(executor: Executor, { subject, namespace, role }: Proxy, pod: Doc): Promise<Finding> {
  const containers: Doc[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = containers.find(({ name }) => name === istio.PROXY_CONTAINER);
  if (container === undefined)
    return fail(subject, `pod ${namespace}/${pod.metadata.name} has no proxy: it is not in the mesh`);
  try {
    const place = { namespace, pod: pod.metadata.name, container: container.name };
    return judged(subject, await askProxy(executor, place, role));
  } catch (error) {
    if (error instanceof CannotExecute) return notAnswerable(subject, error.message);
    throw error;
  }
}

export const istiod: Check = {
  layer: "identity",
  title: "the mesh runs",
  run: async ({ live, cluster }) => {
    if (live.nodes === undefined)
      return [notAnswerable("istiod", "this user may not list nodes; grant it to have it checked")];
    if (live.nodes === 0)
      return [notAnswerable("istiod", "this cluster has no nodes: nothing runs that could enforce anything")];
    const running = await cluster.running(istio.ISTIO_NAMESPACE, istio.ISTIOD_LABELS);
    return running.length > 0
      ? [pass("istiod", `${running.length} running`)]
      : [
          fail(
            "istiod",
            `no istiod runs in ${istio.ISTIO_NAMESPACE}: no identity is proved and none is checked`,
          ),
        ];
  },
};

/** Of each istiod that runs; that none does is said above. */
export const gatewayScope: Check = {
  layer: "identity",
  title: "the gateway takes Gateways of its own namespace only",
  run: async ({ cluster, topology }) => {
    if (topology.routing !== "gateway") return [];
    return (await cluster.running(istio.ISTIO_NAMESPACE, istio.ISTIOD_LABELS)).map(scopeFinding);
  },
};

const SCOPE = Object.keys(istio.GATEWAY_SCOPE).join(", ");

export function scopeFinding({ metadata, spec }: Doc): Finding {
  const isScoped = scopesGateways(spec);
  if (isScoped === undefined) return notAnswerable(metadata.name, `it does not say itself what ${SCOPE} is`);
  return isScoped
    ? pass(metadata.name)
    : fail(
        metadata.name,
        `runs without ${SCOPE}=true: any namespace's Gateway could take the gateway's calls`,
      );
}
