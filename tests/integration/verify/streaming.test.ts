import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { obtain } from "../../../sandbox/binaries";
import { loadKubeconfig } from "../../../verify/live/kubeconfig";
import { PodExecutor } from "../../../verify/probes/exec";
import { forwarded } from "../../../verify/probes/port-forward";
import { CannotExecute, probe } from "../../../verify/probes/probe";
import { Kubelet } from "../../support/kubelet";
import { devConfiguration, useSandbox } from "../../support/sandbox";
import { orSkip } from "../../support/skip";

/** Through a real API server and the streaming library of its kubelet. */
describe("what verify asks of pods", function () {
  this.timeout(60_000);
  const sandbox = useSandbox();
  const agent = { namespace: "default", pod: "agent", container: "agent" };
  let kubelet: Kubelet;
  let server: Server;
  const seen: { method: string; path: string; body: string; header: string }[] = [];

  before(async function () {
    this.timeout(300_000);
    const { kubelet: binary } = await orSkip(this, () => obtain(["kubelet"]));
    await sandbox.prepare(devConfiguration());
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        seen.push({ method, path: url, body, header: String(headers["x-agent-token"] ?? "") });
        if (url === "/never") return;
        response.writeHead(url === "/missing" ? 404 : 200).end("x".repeat(200_000));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    kubelet = await Kubelet.start(sandbox.api, binary.path);
    await kubelet.add("default", "agent");
  });
  after(async () => {
    await kubelet?.stop();
    server?.closeAllConnections();
    server?.close();
  });

  const port = () => (server.address() as AddressInfo).port;
  const kubeconfig = () => loadKubeconfig({ kubeconfig: sandbox.home.kubeconfig });
  const executor = (seconds = 20, signal = new AbortController().signal) =>
    new PodExecutor(kubeconfig(), seconds, signal);

  describe("by pods/exec", () => {
    it("goes in by standard input and comes back whole", async () => {
      const input = JSON.stringify({ token: "t".repeat(300_000) });
      assert.equal(await executor().run(agent, ["cat"], input), input);
    });

    it("is a request made there, with its headers", async () => {
      const what = { kind: "http", url: `http://127.0.0.1:${port()}/`, timeoutSeconds: 5 } as const;
      const outcome = await probe(executor(), agent, { ...what, headers: { "X-Agent-Token": "good" } });
      assert.ok("status" in outcome && outcome.status === 200);
      assert.equal(seen.at(-1)?.header, "good");
    });

    it("tells the last words of a command that failed", () =>
      assert.rejects(
        executor().run(agent, ["sh", "-c", "echo reason >&2; exit 3"], ""),
        (error) => error instanceof CannotExecute && error.message === "default/agent: reason",
      ));

    it("is no answer without such a program, pod or container", async () => {
      const cases = [
        [agent, "no-such-program", /^default\/agent: .*no-such-program/],
        [
          { ...agent, pod: "nobody" },
          "cat",
          /^nothing can be run in default\/nobody: it is not on the cluster/,
        ],
        [{ ...agent, container: "other" }, "cat", /^nothing can be run in default\/agent: .*40\d/],
      ] as const;
      for (const [place, program, message] of cases)
        await assert.rejects(executor(5).run(place, [program], ""), (error) => {
          assert.ok(error instanceof CannotExecute, String(error));
          assert.match(error.message, message);
          return true;
        });
    });

    it("is no answer when it takes too long", () =>
      assert.rejects(executor(1).run(agent, ["sleep", "30"], ""), /did not answer within 1 s/));

    it("ends when the user interrupts", async () => {
      const controller = new AbortController();
      const ended = assert.rejects(
        executor(20, controller.signal).run(agent, ["sleep", "30"], ""),
        /interrupted by the test/,
      );
      setTimeout(() => controller.abort(new Error("interrupted by the test")), 300);
      await ended;
    });
  });

  describe("by pods/portforward", () => {
    const ask = (place = { ...agent, port: port() }, seconds = 20) =>
      forwarded(kubeconfig(), place, seconds, new AbortController().signal);

    it("is an HTTP request, and its answer whole", async () => {
      const body = "b".repeat(200_000);
      const headers = { "content-length": String(body.length) };
      const answer = await ask()({ method: "POST", path: "/a2a", headers, body });
      assert.deepEqual([answer.status, answer.body.length], [200, 200_000]);
      assert.deepEqual(seen.at(-1), { method: "POST", path: "/a2a", body, header: "" });
      assert.equal((await ask()({ method: "GET", path: "/missing" })).status, 404);
    });

    it("is no answer from a port where nothing listens, from no pod, and not in time", async () => {
      const cases = [
        [ask({ ...agent, port: 1 }), "/", /^port 1 of default\/agent: .*refused/],
        [
          ask({ ...agent, pod: "nobody", port: 8083 }),
          "/",
          /^nothing can be forwarded to .*: it is not on the cluster/,
        ],
        [ask(undefined, 1), "/never", /no answer within 1 s/],
      ] as const;
      for (const [http, path, message] of cases)
        await assert.rejects(http({ method: "GET", path }), (error) => {
          assert.ok(error instanceof CannotExecute, String(error));
          assert.match(error.message, message);
          return true;
        });
    });
  });
});
