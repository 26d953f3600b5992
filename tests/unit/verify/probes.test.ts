import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CannotExecute,
  type Executor,
  type Outcome,
  type Place,
  type Probe,
  probe,
} from "../../../verify/probes/probe";
import { LocalExecutor, skipWithoutPython } from "../../support/local-executor";

const PLACE: Place = { namespace: "team-alpha", pod: "orchestrator-0", container: "agent" };

describe("a probe from inside a pod", () => {
  const executor = new LocalExecutor();
  let server: Server;
  let port: number;

  before(async function () {
    skipWithoutPython(this);
    server = createServer((request, response) => {
      const isGood = request.headers["x-agent-token"] === "good";
      response.writeHead(isGood ? 200 : 403).end(isGood ? "card" : "RBAC: access denied");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => server?.close());

  const get = (headers: Record<string, string>, at = port): Promise<Outcome> =>
    probe(executor, PLACE, { kind: "http", url: `http://127.0.0.1:${at}/`, headers, timeoutSeconds: 5 });

  it("tells the status and the body of an answer, of a refusal too", async () => {
    assert.deepEqual(await get({ "X-Agent-Token": "good" }), { status: 200, body: "card" });
    assert.deepEqual(await get({}), { status: 403, body: "RBAC: access denied" });
  });

  it("tells a connection from none", async () => {
    const tcp = (to: number): Probe => ({ kind: "tcp", host: "127.0.0.1", port: to, timeoutSeconds: 5 });
    assert.deepEqual(await probe(executor, PLACE, tcp(port)), { connected: true });
    const closed = await probe(executor, PLACE, tcp(1));
    assert.ok("unreachable" in closed && /^ConnectionRefusedError, errno \d+$/.test(closed.unreachable));
    assert.ok("unreachable" in (await get({}, 1)));
  });

  it("says nothing of a token that cannot be sent", async () => {
    const secret = "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl";
    for (const token of [`${secret}\n`, `${secret}\r\nX-Other: 1`, "tok\u20acen"])
      assert.deepEqual(await get({ "X-Agent-Token": token }).then((outcome) => Object.keys(outcome)), [
        "unreachable",
      ]);
    const found = JSON.stringify(await get({ "X-Agent-Token": `${secret}\n` }));
    assert.ok(!found.includes("eyJ"), found);
    const telling: Executor = {
      run: async (_place, _command, input) => {
        throw new CannotExecute(`team-alpha/x: it choked on ${JSON.parse(input).headers["X-Agent-Token"]}`);
      },
    };
    const probing = {
      kind: "http",
      url: "http://x/",
      headers: { "X-Agent-Token": secret },
      timeoutSeconds: 1,
    };
    await assert.rejects(
      probe(telling, PLACE, probing as Probe),
      (error: Error) => !error.message.includes("eyJ") && /it choked on \(a header\)/.test(error.message),
    );
  });

  it("takes the token by standard input only", () => {
    assert.ok(executor.commands.length > 0);
    for (const command of executor.commands) assert.ok(!command.includes("good"), command);
  });

  it("is no answer when the pod says nothing that can be read", async () => {
    const mute: Executor = { run: async () => "sh: python3: not found" };
    await assert.rejects(
      probe(mute, PLACE, { kind: "tcp", host: "x", port: 1, timeoutSeconds: 1 }),
      /team-alpha\/orchestrator-0 gave no answer that could be read/,
    );
  });
});
