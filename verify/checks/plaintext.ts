/**
 * A connection in plaintext, on the wire: from the gateway's pod, which the network lets through to callees and whose own programs no
 * sidecar intercepts. It must be accepted by the pod's proxy and get no answer: where it cannot be made, nothing is said.
 */
import { type Agent, istio, kagent } from "../../topology/index";
import { PodExecutor } from "../probes/exec";
import { CannotExecute, type Executor, type Place } from "../probes/probe";
import type { Doc } from "../static/objects";
import { about, type Check, type Finding, fail, forEach, notAnswerable, pass } from "./check";

const SECONDS = 5;
/** Exit codes of curl: the connection stood, and its other end closed it or sent nothing. */
const CUT = ["52", "55", "56"];

/**
 * @param executor of the gateway's pod; Istio's proxy images carry curl unless they are distroless
 * @param address of a pod of the callee: no name and no Service in between could be at fault
 */
export async function plaintextFinding(
  executor: Executor,
  place: Place,
  callee: Agent,
  address: string,
): Promise<Finding> {
  const subject = `${istio.GATEWAY_NAME} -> ${callee.id}`;
  const host = address.includes(":") ? `[${address}]` : address;
  const url = `http://${host}:${kagent.AGENT_PORT}/health`;
  const options = ["--silent", "--show-error", "--output", "/dev/null", "--noproxy", "*"];
  try {
    const status = await executor.run(
      place,
      ["curl", ...options, "--max-time", String(SECONDS), "--write-out", "%{http_code}", url],
      "",
    );
    return fail(subject, `the callee answers a request in plaintext (HTTP ${status.trim()})`);
  } catch (error) {
    if (!(error instanceof CannotExecute)) throw error;
    const [, code = ""] = /curl: \((\d+)\)/.exec(error.message) ?? [];
    return CUT.includes(code)
      ? pass(subject, "the connection is made, and cut when it is not mutual TLS")
      : notAnswerable(subject, error.message);
  }
}

export const plaintext: Check = {
  layer: "identity",
  title: "a callee gives no answer in plaintext",
  run: async ({ cluster, topology, live, signal }) => {
    if (topology.routing !== "gateway")
      return [notAnswerable("callees", "only the gateway's pod could try, and routing is direct")];
    const callees = [...new Set(topology.delegations.map(({ callee }) => callee))];
    const [pod] = await cluster.running(istio.GATEWAY_NAMESPACE, istio.GATEWAY_LABELS);
    const container = pod?.spec.containers.find(({ name }: Doc) => name === istio.PROXY_CONTAINER);
    if (callees.length === 0) return [pass("callees", "there are none")];
    if (pod === undefined || container === undefined) {
      const why = live.nodes === 0 ? "this cluster has no nodes" : "no pod of the gateway is running";
      return [notAnswerable("callees", why)];
    }
    const executor = new PodExecutor(cluster.api.kubeconfig, cluster.api.timeoutSeconds, signal);
    const place = { namespace: istio.GATEWAY_NAMESPACE, pod: pod.metadata.name, container: container.name };
    return forEach(callees, (callee) =>
      about(callee.id, async () => {
        const [running] = await cluster.running(callee.tenant, kagent.agentPodLabels(callee.name));
        const address = running?.status.podIP;
        return address === undefined
          ? notAnswerable(callee.id, "no pod of it is running")
          : plaintextFinding(executor, place, callee, address);
      }),
    );
  },
};
