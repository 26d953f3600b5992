/** Whether traffic is allowed according to cyclonus, which shares no code with ours. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint, Protocol } from "../../verify/static/network";
import type { Doc, Objects } from "../../verify/static/objects";

export interface Traffic {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol: Protocol;
}

/** One answer for each, in their order. */
export function allowed(path: string, objects: Objects, traffic: readonly Traffic[]): boolean[] {
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-cyclonus-"));
  try {
    const policies = join(folder, "policies.yaml");
    const questions = join(folder, "traffic.json");
    writeFileSync(
      policies,
      JSON.stringify({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicyList",
        items: objects.all("NetworkPolicy").map(stored),
      }),
    );
    const peer = ({ pod, address }: Endpoint) => ({
      IP: address,
      ...(pod && {
        Internal: {
          Namespace: pod.namespace,
          NamespaceLabels: objects.namespaceLabels(pod.namespace),
          PodLabels: pod.labels,
        },
      }),
    });
    const asked = traffic.map(({ from, to, port, protocol }) => ({
      Source: peer(from),
      Destination: peer(to),
      ResolvedPort: port,
      ResolvedPortName: "",
      Protocol: protocol,
    }));
    writeFileSync(questions, JSON.stringify(asked));
    const args = [
      "analyze",
      "--mode",
      "query-traffic",
      "--policy-path",
      policies,
      "--traffic-path",
      questions,
    ];
    const { status, stdout, stderr } = spawnSync(path, args, { encoding: "utf8", maxBuffer: 1 << 30 });
    if (status !== 0) throw new Error(`cyclonus failed: ${stderr.slice(-2000)}`);
    const answers = [...stdout.matchAll(/^\| IS ALLOWED\? \|\s+(TRUE|FALSE)/gm)].map(
      ([, word]) => word === "TRUE",
    );
    if (answers.length !== traffic.length)
      throw new Error(`cyclonus gave ${answers.length} answers to ${traffic.length} questions`);
    return answers;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As an API server stores it: cyclonus takes no policy without types. */
function stored(policy: Doc): Doc {
  const { policyTypes = [], egress = [] } = policy.spec;
  if (policyTypes.length > 0) return policy;
  const types = egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  return { ...policy, spec: { ...policy.spec, policyTypes: types } };
}
