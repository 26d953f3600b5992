/**
 * The API server, asked in its own words. The client library reads the kubeconfig and logs in; objects pass as they are,
 * because its typed models rename and drop fields.
 */

import { request as httpRequest } from "node:http";
import { type Agent, request as httpsRequest, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { errorCode } from "../../system/errors";
import { CannotRun } from "../errors";
import type { Doc } from "../static/objects";

export interface Answer {
  readonly code: number;
  readonly body: Doc;
  readonly text: string;
  /** What the API server says when it refuses; empty when it does not. */
  readonly message: string;
}
export interface Ask {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Whether an answer is text of its own, and not an object. */
  readonly isText?: boolean;
}
export type Method = "GET" | "POST" | "PUT" | "DELETE";

const TOO_MANY = 429;

/** Nothing is kept. */
export const DRY_RUN = { dryRun: "All" } as const;

/** The server did not answer in time: nobody knows what it would have said. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up",
  EHOSTUNREACH: "no route to it",
  ENETUNREACH: "no route to it",
  ECONNRESET: "the connection was reset",
  ETIMEDOUT: "the connection timed out",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

export class Api {
  readonly server: string;
  #options: Promise<RequestOptions> | undefined;

  constructor(
    readonly kubeconfig: KubeConfig,
    readonly timeoutSeconds: number,
    readonly signal?: AbortSignal,
  ) {
    this.server = kubeconfig.getCurrentCluster()?.server.replace(/\/+$/, "") ?? "";
  }

  /**
   * @throws CannotRun when the server cannot be reached, does not know the user, is overloaded or down, or is no API server
   * @throws NoAnswer when it takes longer than the time allowed
   */
  async request(method: Method, path: string, ask: Ask = {}): Promise<Answer> {
    const { query = {}, body } = ask;
    this.signal?.throwIfAborted();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options = await this.#login();
    const url = `${this.server}${path}${Object.keys(query).length > 0 ? `?${new URLSearchParams(query)}` : ""}`;
    const start = url.startsWith("https:") ? httpsRequest : httpRequest;
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = start(
        url,
        {
          ...options,
          method,
          ...(this.signal && { signal: this.signal }),
          headers: {
            ...options.headers,
            accept: "application/json",
            ...(text !== undefined && { "content-type": "application/json" }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve(toAnswer(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"))),
          );
        },
      );
      const timer = setTimeout(
        () => sent.destroy(new NoAnswer(`no answer within ${this.timeoutSeconds} s`)),
        this.timeoutSeconds * 1000,
      );
      sent.on("close", () => clearTimeout(timer));
      sent.on("error", (error) => reject(this.signal?.aborted ? this.signal.reason : error));
      sent.end(text);
    }).catch((error: unknown) => {
      if (error instanceof NoAnswer) throw error;
      throw this.#unreachable(error);
    });
    if (answer.code === 401)
      throw new CannotRun(
        `The API server at ${this.server} does not accept the login of context ${this.kubeconfig.currentContext}.`,
        "Log in again, or name another context (cluster.context in the stack file, or --context).",
      );
    // What a write is answered with 500 may be the word of a webhook, which is for checks to judge.
    if (answer.code === TOO_MANY || answer.code > 500 || (answer.code === 500 && method === "GET"))
      throw new CannotRun(
        `The API server at ${this.server} answers ${answer.code} to ${method} ${path}: ${answer.message}`,
        "Try again when it is well.",
      );
    if (answer.code < 300 && ask.isText !== true && !isObject(answer.body))
      throw new CannotRun(
        `What answers at ${this.server} is no API server: to ${method} ${path} it sends no JSON.`,
        "Is the address in the kubeconfig right, or does a login page or proxy stand before it?",
      );
    return answer;
  }

  /** Ends kept connections, so that the command can end. */
  async close(): Promise<void> {
    ((await this.#options?.catch(() => undefined))?.agent as Agent | undefined)?.destroy();
  }

  #login(): Promise<RequestOptions> {
    this.#options ??= (async () => {
      const options: RequestOptions = {};
      try {
        await this.kubeconfig.applyToHTTPSOptions(options);
      } catch (error) {
        const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
        throw new CannotRun(
          `The login of context ${this.kubeconfig.currentContext} failed: ${reason}`,
          "Log in to the cluster as kubectl would, and try again.",
        );
      }
      return options;
    })();
    return this.#options;
  }

  #unreachable(error: unknown): unknown {
    const code = errorCode(error);
    if (code === undefined) return error;
    return new CannotRun(
      `The API server at ${this.server} cannot be reached: ${UNREACHABLE[code] ?? code}.`,
      `Is the cluster of context ${this.kubeconfig.currentContext} up, and is this machine allowed to reach it?`,
    );
  }
}

const isObject = (body: unknown): boolean => typeof body === "object" && body !== null;

function toAnswer(code: number, text: string): Answer {
  let body: Doc;
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: a proxy in between; its text is all there is.
  }
  const message =
    code < 300 ? "" : String(body?.message ?? (text.trim().split("\n")[0] || `HTTP status ${code}`));
  if (code >= 300 && !isObject(body)) body = {};
  return { code, body, text, message };
}
