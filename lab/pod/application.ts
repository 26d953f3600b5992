/**
 * What runs in a pod of the lab in the place of an agent: it answers on its ports, and connects to others when it is told to.
 * Runs as a plain Node.js script without dependencies, because there is one per pod. Orders and answers go over the IPC
 * channel of its parent.
 */
import * as http from "node:http";
import * as net from "node:net";
import { Duplex } from "node:stream";
import * as tls from "node:tls";

/** Port by port, what the pod answers: HTTP, or a TLS alert and, outside of TLS, who it is. */
export interface Serving {
  readonly pod: string;
  readonly http: readonly number[];
  readonly tls: readonly number[];
  /** uid and gid of containers. The sidecar intercepts what they do; what root does goes straight to the network. */
  readonly user: number;
}

/** One attempt to reach something. */
export interface Attempt {
  /**
   * `tcp`: only the connection, past the pod's own sidecar. `http`, `tls`: as the application does it, through the sidecar
   * where there is one.
   */
  readonly kind: "tcp" | "http" | "tls";
  readonly address: string;
  readonly port: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** TLS server name. */
  readonly serverName?: string;
  readonly withinMs: number;
}

/** What came of it. */
export type Result =
  | { readonly kind: "connected"; readonly ms: number }
  | { readonly kind: "answered"; readonly by: string; readonly ms: number; readonly headers: Headers }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "silent" };
type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface Order {
  readonly id: number;
  readonly attempt: Attempt;
}
export interface Report {
  readonly id: number;
  readonly result: Result;
}

/** What a proxy says that takes a TLS handshake for HTTP. */
export const NOT_TLS = "an answer that is not TLS";

/** Fatal alert `handshake_failure` (RFC 8446, 6.2), after which the server says who it is. */
const ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 40]);

if (require.main === module) serve(JSON.parse(process.argv[2] ?? "") as Serving);

function serve({ pod, http: httpPorts, tls: tlsPorts, user }: Serving): void {
  const answering = httpPorts.map((port) => {
    const server = http.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/json" });
      // As the card of an agent names it.
      const name = pod.split("/").at(-1)?.replaceAll("-", "_");
      response.end(JSON.stringify({ name, pod, headers: request.headers }));
    });
    return listening(server, port);
  });
  const alerting = tlsPorts.map((port) => {
    const server = net.createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.end(Buffer.concat([ALERT, Buffer.from(pod)])));
    });
    return listening(server, port);
  });
  process.on("message", ({ id, attempt }: Order) => {
    run(attempt, user).then((result) => process.send?.({ id, result } satisfies Report));
  });
  process.on("disconnect", () => process.exit(0));
  Promise.all([...answering, ...alerting]).then(() => {
    process.setegid?.(user);
    become(user);
    process.send?.("ready");
  });
}

function listening(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "0.0.0.0", resolve));
}

function run(attempt: Attempt, user: number): Promise<Result> {
  become(attempt.kind === "tcp" ? 0 : user);
  if (attempt.kind === "tcp") return connect(attempt);
  return attempt.kind === "http" ? request(attempt) : hello(attempt);
}

/**
 * The sidecar intercepts by the user that makes a socket, and Node.js makes it a moment after it is asked to: so the process
 * stays what it became, and nobody may ask for both kinds of attempts at the same time.
 */
function become(uid: number): void {
  if (process.geteuid?.() !== uid) process.seteuid?.(uid);
}

function connect({ address, port, withinMs }: Attempt): Promise<Result> {
  const start = performance.now();
  const socket = net.connect({ host: address, port });
  return new Promise((resolve) => {
    const end = (result: Result) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ kind: "silent" }), withinMs);
    socket.on("connect", () => end({ kind: "connected", ms: performance.now() - start }));
    socket.on("error", (error) => end({ kind: "broken", reason: codeOf(error) }));
  });
}

function request({ address, port, path = "/", headers = {}, withinMs }: Attempt): Promise<Result> {
  const start = performance.now();
  return new Promise((resolve) => {
    const outgoing = http.request(
      // No connection is used twice: each request must pass every layer anew.
      {
        host: address,
        port,
        path,
        method: "POST",
        headers,
        agent: false,
        setHost: headers.host === undefined,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => end(resultOf(response.statusCode ?? 0, text, performance.now() - start)));
        response.on("error", (error) => end({ kind: "broken", reason: codeOf(error) }));
      },
    );
    const end = (result: Result) => {
      clearTimeout(timer);
      outgoing.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ kind: "silent" }), withinMs);
    outgoing.on("error", (error) => end({ kind: "broken", reason: codeOf(error) }));
    outgoing.end("{}");
  });
}

function resultOf(status: number, text: string, ms: number): Result {
  if (status !== 200) return { kind: "refused", status };
  const { pod, headers } = JSON.parse(text) as { pod: string; headers: Headers };
  return { kind: "answered", by: pod, ms, headers };
}

/**
 * Begins a TLS handshake, for which a sidecar reads the server name. The stand-in for a server ends it and says who it is, a
 * proxy that refuses closes the connection.
 */
function hello({ address, port, serverName, withinMs }: Attempt): Promise<Result> {
  const start = performance.now();
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port });
    // The client gets no answer of its own, so that it cannot fail first.
    const client = tls.connect({
      socket: new Duplex({ read() {}, write: (bytes, _, done) => socket.write(bytes, () => done()) }),
      // A name that is an address is none (RFC 6066, 3).
      ...(serverName && !net.isIP(serverName) && { servername: serverName }),
      rejectUnauthorized: false,
    });
    client.on("error", () => {});
    const end = (result: Result) => {
      clearTimeout(timer);
      socket.destroy();
      client.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ kind: "silent" }), withinMs);
    const parts: Buffer[] = [];
    socket.on("data", (part) => parts.push(part));
    socket.on("end", () => {
      const bytes = Buffer.concat(parts);
      if (!bytes.subarray(0, ALERT.length).equals(ALERT))
        return end({
          kind: "broken",
          reason: bytes.length === 0 ? "ECONNRESET" : NOT_TLS,
        });
      const by = bytes.toString("utf8", ALERT.length);
      end({ kind: "answered", by, ms: performance.now() - start, headers: {} });
    });
    socket.on("error", (error) => end({ kind: "broken", reason: codeOf(error) }));
  });
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}
