/** `npm run lab` as a user runs it: what it refuses, and that nothing of it is left however it ends. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { assertSentences } from "../../support/cli";
import { devConfiguration, ORCHESTRATOR } from "../../support/dev";
import { labOrSkip } from "../../support/lab";

const root = join(__dirname, "../../..");

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function start(args: readonly string[], wrapper: readonly string[] = []): ChildProcess {
  const command = [...wrapper, process.execPath, "--import", "tsx", join(root, "lab", "cli.ts"), ...args];
  return spawn(command[0] ?? "", command.slice(1), { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
}

async function ended(child: ChildProcess): Promise<Ended> {
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, stderr };
}

/** Processes of the machine whose command line holds the text: number and command line. */
function processesWith(text: string): string[] {
  const list = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" });
  return list.split("\n").filter((line) => line.includes(text) && !/^\s*\d+ ps /.test(line));
}

/** What is waited for happens within seconds; a machine that does much else may take its time. */
const PATIENCE_MS = 10 * 60_000;

const foldersOf = (pid: number | undefined): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`kagent-a2a-lab-${pid}-`));

async function eventually(check: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!check()) {
    assert.ok(Date.now() < deadline, "it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("the command `lab`", function () {
  this.timeout(45 * 60_000);
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-lab-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function stackFile(name: string, configuration: Record<string, unknown>): string {
    const path = join(folder, name);
    const config = Object.fromEntries(
      Object.entries(configuration).map(([key, value]) => [`kagent-a2a:${key}`, value]),
    );
    writeFileSync(path, stringify({ config }));
    return path;
  }

  it("exits 2 with the problems of a configuration that is wrong", async () => {
    const wrong = devConfiguration((raw) => {
      raw.delegations = [{ from: ORCHESTRATOR, to: "team-beta/nobody" }];
    });
    const { code, stderr } = await ended(start(["--config", stackFile("wrong.yaml", wrong)]));
    assert.equal(code, 2);
    assert.match(stderr, /team-beta\/nobody/);
    assertSentences(stderr);
  });

  it("exits 2 where there is no such stack", async () => {
    const { code, stderr } = await ended(start(["--config", join(folder, "nowhere.yaml")]));
    assert.equal(code, 2);
    assertSentences(stderr);
  });

  it("exits 2 where a scenario has nothing to try, before anything runs", async () => {
    const lonely = devConfiguration((raw) => {
      raw.delegations = [];
    });
    const stack = stackFile("lonely.yaml", lonely);
    const { code, stderr } = await ended(start(["--config", stack, "--scenarios", "matrix", "faults"]));
    assert.equal(code, 2);
    assert.match(stderr, /^Faults, drift and the rotation need a delegation/);
    assertSentences(stderr);
  });

  describe("on a machine that can run it", () => {
    before(async function () {
      await labOrSkip(this);
    });

    it("exits 2 without root, and says what to do", async () => {
      // Nobody in a user namespace of its own, who may still read what this user may.
      const child = start(["--stack", "dev"], ["unshare", "--user"]);
      const { code, stderr } = await ended(child);
      assert.equal(code, 2);
      assert.match(stderr, /needs root.*sudo/);
      assertSentences(stderr);
    });

    it("exits 2 where the topology is too large for the machine", async () => {
      const large = devConfiguration((raw) => {
        for (let index = 0; index < 4_000; index++)
          raw.agents[`team-beta/copy-${index}`] = structuredClone(raw.agents["team-beta/specialist"]);
      });
      const { code, stderr } = await ended(start(["--config", stackFile("large.yaml", large)]));
      assert.equal(code, 2);
      assert.match(stderr, /needs about \d+ MiB of memory.* MiB are free/);
      assertSentences(stderr);
    });

    it("exits 2 where a binary cannot be had", async () => {
      const missing = `KAGENT_A2A_PILOT_AGENT=${join(folder, "no-such-file")}`;
      const { code, stderr } = await ended(start(["--stack", "dev"], ["env", missing]));
      assert.equal(code, 2);
      assert.match(stderr, /KAGENT_A2A_PILOT_AGENT: .* is not a file that can be run\./);
      assertSentences(stderr);
    });

    for (const signal of ["SIGINT", "SIGKILL"] as const)
      it(`leaves no process, network namespace or device behind after ${signal}`, async () => {
        const devices = () => execFileSync("ip", ["-brief", "link"], { encoding: "utf8" });
        const namespaces = () => execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
        const before = [devices(), namespaces()];
        const child = start(["--stack", "dev"]);
        const result = ended(child);
        const mark = `kagent-a2a-lab-${child.pid}-`;
        await eventually(() => processesWith(mark).some((line) => line.includes("pilot-agent proxy")));
        child.kill(signal);
        await result;
        await eventually(() => processesWith(mark).length === 0);
        assert.deepEqual([devices(), namespaces()], before);
        if (signal === "SIGKILL") return; // Nobody is left to remove the folder: the next run does.
        assert.equal((await result).code, 130);
        assert.deepEqual(foldersOf(child.pid), []);
      });

    it("exits 2 where a part ends that should not, and says which", async () => {
      const child = start(["--stack", "dev"]);
      const result = ended(child);
      const mark = `kagent-a2a-lab-${child.pid}-`;
      const istiod = () => processesWith(mark).find((line) => line.includes("pilot-discovery discovery"));
      // Once it works: before that nobody would miss it.
      await eventually(() => processesWith(mark).some((line) => line.includes("pilot-agent proxy")));
      process.kill(Number(istiod()?.trim().split(" ")[0]), "SIGKILL");
      const { code, stderr } = await result;
      assert.equal(code, 2);
      assert.match(stderr, /istiod ended with /);
      assertSentences(stderr);
    });

    it("removes the folder of a run that was killed", async () => {
      const child = start(["--stack", "dev"]);
      const result = ended(child);
      await eventually(() => foldersOf(child.pid).length > 0);
      child.kill("SIGKILL");
      await result;
      const next = start(["--stack", "dev"]);
      const nextResult = ended(next);
      await eventually(() => foldersOf(next.pid).length > 0);
      assert.deepEqual(foldersOf(child.pid), []);
      next.kill("SIGINT");
      await nextResult;
    });
  });
});
