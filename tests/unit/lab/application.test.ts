/** The program in the lab's pods, alone and as this user. */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Attempt, Report, Result, Serving } from "../../../lab/pod/application";
import { compileScript } from "../../../lab/stage/scripts";

const listening = async (server: Server): Promise<number> => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
};

describe("the program in the lab's pods", () => {
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-application-"));
  const closing = createServer((socket) => socket.destroy());
  let child: ChildProcess;
  let port: number;
  let closed: number;

  before(async () => {
    const free = createServer();
    port = await listening(free);
    await new Promise((resolve) => free.close(resolve));
    closed = await listening(closing);
    const serving: Serving = { pod: "team/pod", http: [], tls: [port], user: process.getuid?.() ?? 0 };
    child = fork(compileScript("application", folder), [JSON.stringify(serving)]);
    await once(child, "message");
  });
  after(() => {
    child.kill();
    closing.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function hello(attempt: Partial<Attempt>): Promise<Result> {
    const order = { kind: "tls", address: "127.0.0.1", port, withinMs: 10_000, ...attempt };
    child.send({ id: 1, attempt: order });
    const [{ result }] = (await once(child, "message")) as [Report];
    return result;
  }

  it("says who it is to whoever begins a TLS handshake, for whatever name", async () => {
    for (const serverName of ["api.example.com", "elsewhere.example.net", "192.0.2.1"]) {
      const result = await hello({ serverName });
      assert.equal(result.kind === "answered" && result.by, "team/pod", JSON.stringify(result));
    }
  });

  it("takes a connection that is closed for no answer", async () => {
    const result = await hello({ port: closed });
    assert.deepEqual(result, { kind: "broken", reason: "ECONNRESET" });
  });
});
