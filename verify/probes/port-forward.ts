/**
 * HTTP to a port of a pod by `pods/portforward`, as `kubectl port-forward` and kagent's command line do. It arrives on the pod's
 * loopback: neither its sidecar nor a NetworkPolicy is on this way, so it says something only about what the pod does next.
 */
import { request } from "node:http";
import { Duplex, PassThrough } from "node:stream";
import { type KubeConfig, PortForward } from "@kubernetes/client-node";
import { CannotExecute } from "./probe";
import { refusal } from "./refusal";

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}
export interface HttpAsk {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}
/** Asks a server; the way to it is settled. */
export type Http = (ask: HttpAsk) => Promise<HttpAnswer>;

/**
 * @param timeoutSeconds for a whole answer
 * @returns asks by a connection each @throws CannotExecute where the pod does not answer
 */
export function forwarded(
  kubeconfig: KubeConfig,
  { namespace, pod, port }: PodPort,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Http {
  const where = `port ${port} of ${namespace}/${pod}`;
  return async ({ method, path, headers = {}, body }) => {
    signal?.throwIfAborted();
    const [fromPod, errors, toPod] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const opening = new PortForward(kubeconfig).portForward(namespace, pod, [port], fromPod, errors, toPod);
    const socket = await opening.catch((error: unknown) => {
      throw new CannotExecute(`nothing can be forwarded to ${where}: ${refusal(error, "pods/portforward")}`);
    });
    // Not retried, so it is the socket itself and not a function that gives one.
    const close = () => (typeof socket === "function" ? socket() : socket)?.close();
    const wire = Duplex.from({ readable: fromPod, writable: toPod });
    if (typeof socket !== "function") socket.onclose = () => fromPod.end();
    try {
      return await new Promise<HttpAnswer>((resolve, reject) => {
        const failed = (why: string) => reject(new CannotExecute(`${where}: ${why}`));
        errors.on("data", (text: Buffer) => failed(text.toString("utf8").trim()));
        const timer = setTimeout(() => failed(`no answer within ${timeoutSeconds} s`), timeoutSeconds * 1000);
        const onAbort = () => reject(signal?.reason);
        signal?.addEventListener("abort", onAbort, { once: true });
        const sent = request(
          {
            method,
            path,
            headers: { host: "localhost", connection: "close", ...headers },
            createConnection: () => wire,
          },
          (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => {
              text += part;
            });
            response.on("error", (error) => failed(error.message));
            response.on("end", () => {
              clearTimeout(timer);
              resolve({ status: response.statusCode ?? 0, body: text });
            });
          },
        );
        sent.on("close", () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
        });
        sent.on("error", (error) => failed(error.message));
        sent.end(body);
      });
    } finally {
      close();
      wire.destroy();
    }
  };
}
