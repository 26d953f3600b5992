/** Sends HTTP requests from a pod when it is told to, and gives back what came. A plain Node.js script without dependencies. */
import * as http from "node:http";

export interface Post {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly withinMs: number;
}
export interface Posted {
  readonly id: number;
  /** Undefined: there was no answer. */
  readonly status?: number;
  /** The answer, or why there was none. */
  readonly text: string;
}

if (require.main === module) serve(JSON.parse(process.argv[2] ?? "") as { user: number });

/** @param user uid and gid that the requests come from */
function serve({ user }: { readonly user: number }): void {
  process.setgid?.(user);
  process.setuid?.(user);
  process.on("message", (order: Post) => {
    post(order).then((posted) => process.send?.(posted));
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

function post({ id, address, port, headers, body, withinMs }: Post): Promise<Posted> {
  return new Promise((resolve) => {
    const request = http.request(
      {
        host: address,
        port,
        path: "/",
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        // No connection is used twice: each message must pass every layer anew.
        agent: false,
        timeout: withinMs,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ id, status: response.statusCode ?? 0, text }));
        response.on("error", (error) => resolve({ id, text: error.message }));
      },
    );
    request.on("timeout", () => request.destroy(new Error(`no answer within ${withinMs / 1_000} s`)));
    request.on("error", (error) => resolve({ id, text: error.message }));
    request.end(body);
  });
}
