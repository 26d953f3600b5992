/**
 * A namespace of our own with two pods of nobody: one that tries to reach agents, and one that it must be able to reach, so that a
 * dead network is no pass. It bears no label of an agent or a tenant. It goes away whatever happens, also on Ctrl-C.
 */
import { randomBytes } from "node:crypto";
import { kagent } from "../../topology/index";
import type { Answer, Api } from "../live/api";
import { Cluster } from "../live/cluster";
import type { Doc } from "../static/objects";
import { withOwnObject } from "./own-object";
import type { Place } from "./probe";
import { running, type Waiting } from "./running";

const PREFIX = "kagent-a2a-verify-";
const CONTAINER = "probe";
const CONTROL_PORT = 8080;

export interface Rogue {
  readonly place: Place;
  /** The pod that must be reachable. */
  readonly control: { readonly address: string; readonly port: number };
}

/** The pods did not come to run. */
export class NoRogue extends Error {
  override readonly name = "NoRogue";
}

const LISTEN = `import http.server; http.server.HTTPServer(("", ${CONTROL_PORT}), http.server.BaseHTTPRequestHandler).serve_forever()`;
const WAIT = "import time; time.sleep(3600)";

/** @param image one with Python that the nodes have already: that of an agent */
function pod(namespace: string, name: string, image: string, script: string): Doc {
  const id = kagent.AGENT_UID;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: { "kagent-a2a-verify": name } },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      activeDeadlineSeconds: 600,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: id,
        runAsGroup: id,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: CONTAINER,
          image,
          command: ["python3", "-c", script],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  };
}

/**
 * @param timeoutSeconds for the pods to run
 * @throws NoRogue when they do not; the reason of `signal` when it aborts
 */
export async function withRogue<T>(
  api: Api,
  { image, timeoutSeconds, signal }: { image: string; timeoutSeconds: number; signal: AbortSignal },
  use: (rogue: Rogue) => Promise<T>,
): Promise<T> {
  const cluster = new Cluster(api);
  const name = `${PREFIX}${randomBytes(4).toString("hex")}`;
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  const refused = ({ message }: Answer) => new NoRogue(`Namespace ${name} was refused: ${message}`);
  return withOwnObject(api, namespace, refused, async () => {
    const pods = [pod(name, "rogue", image, WAIT), pod(name, "control", image, LISTEN)];
    for (const one of pods) await made(cluster, one);
    const [, control] = await Promise.all(pods.map((one) => ran(cluster, one, { timeoutSeconds, signal })));
    return use({
      place: { namespace: name, pod: "rogue", container: CONTAINER },
      control: { address: control?.status.podIP, port: CONTROL_PORT },
    });
  });
}

async function made(cluster: Cluster, object: Doc): Promise<void> {
  const { code, message } = await cluster.create(object);
  if (code >= 300) throw new NoRogue(`${object.kind} ${object.metadata.name} was refused: ${message}`);
}

async function ran(cluster: Cluster, object: Doc, waiting: Waiting): Promise<Doc> {
  const pod = await running(cluster, object, waiting);
  if (typeof pod === "string") throw new NoRogue(pod);
  return pod;
}
