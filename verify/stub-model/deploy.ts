/**
 * Puts the stub model where a stack declares its model to be, and takes it away again whatever happens, also on Ctrl-C. Nothing
 * that the stack deployed is changed: agents with another model never ask it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kagent } from "../../topology/index";
import type { Answer, Api } from "../live/api";
import { Cluster } from "../live/cluster";
import { withOwnObject } from "../probes/own-object";
import { running } from "../probes/running";
import type { Doc } from "../static/objects";
import { STUB } from "./place";

/** The stub did not come to run. */
export class NoStub extends Error {
  override readonly name = "NoStub";
}

const CONFLICT = 409;
const { namespace, name, labels, port } = STUB;
const id = kagent.AGENT_UID;

const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { selector: labels, ports: [{ name: "http", port, targetPort: port }] },
};

/** @param image one with Node.js that the nodes have already: that of the kagent UI */
const pod = (image: string): Doc => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels },
  spec: {
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    activeDeadlineSeconds: 3600,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: id,
      runAsGroup: id,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name,
        image,
        command: ["node", "-e", readFileSync(join(__dirname, "server.cjs"), "utf8")],
        env: [{ name: "PORT", value: String(port) }],
        ports: [{ containerPort: port }],
        readinessProbe: { httpGet: { path: "/healthz", port }, periodSeconds: 1 },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

/** @throws NoStub when it does not come to run; the reason of `signal` when it aborts */
export async function withStub<T>(
  api: Api,
  { image, timeoutSeconds, signal }: { image: string; timeoutSeconds: number; signal: AbortSignal },
  use: () => Promise<T>,
): Promise<T> {
  const cluster = new Cluster(api);
  const refused = ({ code, message }: Answer) =>
    new NoStub(
      code === CONFLICT
        ? `namespace ${namespace} exists already, and another verify may use it: delete it if none runs`
        : `Namespace ${namespace} was refused: ${message}`,
    );
  return withOwnObject(api, NAMESPACE, refused, async () => {
    const model = pod(image);
    for (const object of [SERVICE, model]) {
      const { code, message } = await cluster.create(object);
      if (code >= 300) throw new NoStub(`${object.kind} ${name} was refused: ${message}`);
    }
    const state = await running(cluster, model, { timeoutSeconds, signal, ready: true });
    if (typeof state === "string") throw new NoStub(state);
    return use();
  });
}
