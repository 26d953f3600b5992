/** `pods/exec` through the API server. */
import { PassThrough, Readable } from "node:stream";
import { Exec, type KubeConfig, type V1Status } from "@kubernetes/client-node";
import { CannotExecute, type Executor, type Place } from "./probe";
import { refusal } from "./refusal";

export class PodExecutor implements Executor {
  constructor(
    readonly kubeconfig: KubeConfig,
    readonly timeoutSeconds: number,
    readonly signal: AbortSignal,
  ) {}

  async run(
    { namespace, pod, container }: Place,
    command: readonly string[],
    input: string,
  ): Promise<string> {
    this.signal.throwIfAborted();
    const [stdout, stderr] = [new Collected(), new Collected()];
    const where = `${namespace}/${pod}`;
    let close = () => {};
    try {
      const status = await new Promise<V1Status>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new CannotExecute(`${where} did not answer within ${this.timeoutSeconds} s`)),
          this.timeoutSeconds * 1000,
        );
        const onAbort = () => reject(this.signal.reason);
        const end = () => {
          clearTimeout(timer);
          this.signal.removeEventListener("abort", onAbort);
        };
        this.signal.addEventListener("abort", onAbort, { once: true });
        new Exec(this.kubeconfig)
          .exec(
            namespace,
            pod,
            container,
            [...command],
            stdout,
            stderr,
            Readable.from([input]),
            false,
            (status) => {
              end();
              resolve(status);
            },
          )
          .then(
            (socket) => {
              close = () => socket.close();
            },
            (error: unknown) => {
              end();
              reject(new CannotExecute(`nothing can be run in ${where}: ${refusal(error, "pods/exec")}`));
            },
          );
      });
      if (status.status !== "Success")
        throw new CannotExecute(`${where}: ${stderr.text.trim().split("\n").at(-1) || status.message}`);
      return stdout.text;
    } finally {
      close();
    }
  }
}

class Collected extends PassThrough {
  #chunks: Buffer[] = [];
  constructor() {
    super();
    this.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
  }
  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
