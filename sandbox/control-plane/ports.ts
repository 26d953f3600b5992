import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that systems give to outgoing connections (Linux from 32768, macOS from 49152). One of those
 * might be in use by the time the API server restarts, even by a client that was trying to reach it.
 */
const range = { from: 20_000, to: 32_768 };
const attempts = 20;

/** A port of 127.0.0.1 that is free right now: `wanted` if it is, else any. */
export async function freePort(wanted?: number): Promise<number> {
  const candidates = Array.from({ length: attempts }, () => randomInt(range.from, range.to));
  for (const port of wanted ? [wanted, ...candidates] : candidates) if (await isFree(port)) return port;
  throw new Error(`none of ${attempts} ports of 127.0.0.1 between ${range.from} and ${range.to} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
