import { readFileSync } from "node:fs";
import { request } from "node:https";

/** Where the API server is, and how the sandbox proves to it who it is. */
export interface Endpoint {
  url: string;
  /** File with the certificate it must present. */
  certificateFile: string;
  token: string;
}

const timeoutMs = 2_000;

/** HTTP status of a request, or undefined when there is no answer (yet). */
export function statusOf(
  endpoint: Endpoint,
  path: string,
  method: "GET" | "DELETE" = "GET",
): Promise<number | undefined> {
  return new Promise((resolve) => {
    let ca: Buffer;
    try {
      ca = readFileSync(endpoint.certificateFile);
    } catch {
      return resolve(undefined); // the API server has not written it yet
    }
    const call = request(new URL(path, endpoint.url), {
      ca,
      method,
      agent: false,
      headers: { authorization: `Bearer ${endpoint.token}` },
      timeout: timeoutMs,
    });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(undefined));
    call.on("close", () => resolve(undefined));
    call.end();
  });
}
