/** Requests to the API server over kept-alive connections; its errors as the API server words them. */

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json, JsonObject } from "../rpc/values";
import type { Connection } from "./kubeconfig";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Options {
  query?: Record<string, string>;
  body?: Json;
  contentType?: string;
  signal?: AbortSignal;
}

export interface Cause {
  field: string;
  message: string;
}

interface Status {
  kind?: string;
  message?: string;
  reason?: string;
  details?: { causes?: Partial<Cause>[] };
}

/** An answer of the API server that is not a success: a `Status` object. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly causes: Cause[] = [],
  ) {
    super(message);
  }
}

export class UnreachableError extends Error {}

/** The engine may ask for hundreds of resources at once; more connections than this only queue in the server. */
const MAX_CONNECTIONS = 32;
const REQUEST_TIMEOUT_MS = 60_000;
const TOO_MANY_REQUESTS_TRIES = 8;

interface Answer {
  code: number;
  text: string;
  retryAfterSeconds: number;
}

export class ApiServer {
  private readonly agent: Agent | HttpAgent;
  private readonly secure: boolean;

  constructor(private readonly connection: Connection) {
    this.secure = connection.server.startsWith("https:");
    const { ca, cert, key, serverName, insecure } = connection;
    this.agent = this.secure
      ? new Agent({
          keepAlive: true,
          maxSockets: MAX_CONNECTIONS,
          rejectUnauthorized: !insecure,
          ...(ca && { ca }),
          ...(cert && { cert }),
          ...(key && { key }),
          ...(serverName && { servername: serverName }),
        })
      : new HttpAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  }

  async request(method: Method, path: string, options: Options = {}): Promise<JsonObject> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.send(method, path, options);
      if (answer.code === 429 && attempt < TOO_MANY_REQUESTS_TRIES) {
        await sleep(
          answer.retryAfterSeconds * 1000,
          undefined,
          options.signal ? { signal: options.signal } : {},
        );
        continue;
      }
      if (answer.code >= 200 && answer.code < 300) return JSON.parse(answer.text) as JsonObject;
      throw apiError(answer);
    }
  }

  private async send(method: Method, path: string, options: Options): Promise<Answer> {
    const query = options.query === undefined ? "" : `?${new URLSearchParams(options.query)}`;
    const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
    const headers: Record<string, string | number> = {
      accept: "application/json",
      "user-agent": "kagent-a2a-sandbox",
    };
    if (this.connection.token !== undefined) headers.authorization = `Bearer ${this.connection.token}`;
    if (body !== undefined) {
      headers["content-type"] = options.contentType ?? "application/json";
      headers["content-length"] = body.length;
    }
    const start = this.secure ? httpsRequest : httpRequest;
    return new Promise<Answer>((resolve, reject) => {
      const request = start(`${this.connection.server}${path}${query}`, {
        method,
        headers,
        agent: this.agent,
        timeout: REQUEST_TIMEOUT_MS,
        ...(options.signal && { signal: options.signal }),
      });
      request.on("timeout", () =>
        request.destroy(new Error(`no answer within ${REQUEST_TIMEOUT_MS / 1000} s`)),
      );
      request.on("error", (error: NodeJS.ErrnoException) => {
        if (options.signal?.aborted) return reject(new Error("interrupted"));
        // The server closed an idle connection at the moment it was reused: nothing was processed.
        if (request.reusedSocket && error.code === "ECONNRESET" && !responded) {
          return resolve(this.send(method, path, options));
        }
        reject(this.unreachable(error));
      });
      let responded = false;
      request.on("response", (response) => {
        responded = true;
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", (error) => reject(this.unreachable(error)));
        response.on("end", () =>
          resolve({
            code: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString("utf8"),
            retryAfterSeconds: Number(response.headers["retry-after"] ?? 1) || 1,
          }),
        );
      });
      request.end(body);
    });
  }

  private unreachable(error: NodeJS.ErrnoException): UnreachableError {
    const why = error.code === "ECONNREFUSED" ? "connection refused" : error.message || error.code;
    return new UnreachableError(
      `the Kubernetes API server at ${this.connection.server} cannot be reached (${why}); is the sandbox running?`,
    );
  }
}

function apiError({ code, text }: Answer): ApiError {
  let status: Status = {};
  try {
    status = JSON.parse(text) as Status;
  } catch {
    // Not JSON: a proxy or a server that is just starting; its text is all there is.
  }
  if (status.kind !== "Status") return new ApiError(code, "", text.trim() || `HTTP status ${code}`);
  const causes = (status.details?.causes ?? []).map(({ field = "", message = "" }) => ({ field, message }));
  return new ApiError(code, status.reason ?? "", status.message ?? text, causes);
}

export function isApiError(error: unknown, ...codes: number[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}
