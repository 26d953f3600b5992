/** The cluster of a stack, asked a few questions before anything is changed on it. */

import { type IncomingMessage, request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import { KubeConfig } from "@kubernetes/client-node";
import { reasonOf, UserError } from "../system/errors";

export interface Answer {
  readonly code: number;
  /** Parsed; empty where the answer is no JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** A machine that answers no packet must not hold a command forever. */
const ANSWERS_WITHIN_MS = 20_000;

export class Cluster {
  private constructor(
    private readonly config: KubeConfig,
    readonly server: string,
  ) {}

  /**
   * @param context of the kubeconfig; without it the current one
   * @throws UserError when the kubeconfig does not lead to a cluster
   */
  static of(context?: string): Cluster {
    const config = new KubeConfig();
    try {
      config.loadFromDefault();
    } catch (error) {
      throw new UserError(
        `The kubeconfig cannot be read: ${reasonOf(error).split("\n")[0]}`,
        "Correct it, or name another one with KUBECONFIG.",
      );
    }
    if (context !== undefined && config.getContextObject(context) === null) {
      const known = config.getContexts().map(({ name }) => name);
      throw new UserError(
        `kagent-a2a:cluster.context: the kubeconfig has no context ${JSON.stringify(context)}.`,
        `It has: ${known.join(", ") || "none"}. Correct the name, or name another kubeconfig with KUBECONFIG.`,
      );
    }
    if (context !== undefined) config.setCurrentContext(context);
    const cluster = config.getCurrentCluster();
    if (cluster === null)
      throw new UserError(
        "The kubeconfig names no cluster.",
        "Set kagent-a2a:cluster.context, or choose one: kubectl config use-context NAME",
      );
    return new Cluster(config, cluster.server);
  }

  get(path: string): Promise<Answer> {
    return this.ask("GET", path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.ask("POST", path, JSON.stringify(body));
  }

  /** @throws UserError when no API server answers there */
  private async ask(method: string, path: string, body?: string): Promise<Answer> {
    const url = new URL(path, `${this.server.replace(/\/$/, "")}/`);
    const options: RequestOptions = {
      method,
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
    };
    try {
      await this.config.applyToHTTPSOptions(options);
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const send = url.protocol === "http:" ? requestHttp : requestHttps;
        send(url, options, resolve).on("error", reject).end(body);
      });
      return { code: response.statusCode ?? 0, body: parsed(await text(response)) };
    } catch (error) {
      throw new UserError(
        `The cluster at ${this.server} cannot be reached: ${reasonOf(error).split("\n")[0]}.`,
        "Check that it runs, that this machine may connect to it, and that kagent-a2a:cluster.context is the right one.",
      );
    }
  }
}

function parsed(answer: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
