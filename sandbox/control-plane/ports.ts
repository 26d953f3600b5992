import { createServer } from "node:net";

/** A port of 127.0.0.1 that is free right now: `wanted` if it is, else any. */
export async function freePort(wanted?: number): Promise<number> {
  return (wanted && (await listen(wanted))) || (await listen(0)) || Promise.reject(new Error("no free port"));
}

function listen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
