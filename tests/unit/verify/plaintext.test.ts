import assert from "node:assert/strict";
import type { Agent } from "../../../topology/index";
import { plaintextFinding } from "../../../verify/checks/plaintext";
import { CannotExecute, type Executor } from "../../../verify/probes/probe";
import { devTopology } from "../../support/dev";

describe("a request in plaintext", () => {
  const callee = devTopology().agents.find(({ name }) => name === "specialist") as Agent;
  const place = { namespace: "kagent", pod: "a2a-gateway-0", container: "istio-proxy" };
  const found = async (run: Executor["run"], address = "10.0.0.2") =>
    (await plaintextFinding({ run }, place, callee, address)).status;
  const ended = (message: string) => found(() => Promise.reject(new CannotExecute(`kagent/x: ${message}`)));

  it("must be cut, and not answered in any way", async () => {
    assert.equal(await ended("curl: (56) Recv failure: Connection reset by peer"), "pass");
    assert.equal(await ended("curl: (52) Empty reply from server"), "pass");
    for (const status of ["200", "403", "503"]) assert.equal(await found(async () => status), "fail");
  });

  it("says nothing where it did not arrive, or nobody could send it", async () => {
    for (const message of [
      "curl: (6) Could not resolve host",
      "curl: (7) Failed to connect",
      "curl: (28) Connection timed out",
      'exec: "curl": executable file not found in $PATH',
    ])
      assert.equal(await ended(message), "not answerable", message);
  });

  it("goes to the callee's pod itself", async () => {
    const urls: (string | undefined)[] = [];
    const run: Executor["run"] = async (_place, command) => {
      urls.push(command.at(-1));
      return "200";
    };
    await found(run);
    await found(run, "fd00::2");
    assert.deepEqual(urls, ["http://10.0.0.2:8080/health", "http://[fd00::2]:8080/health"]);
  });
});
