import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { obtain } from "../../sandbox/binaries";
import { controlPlaneStatus, processNames, SandboxHome, stopControlPlane } from "../../sandbox/control-plane";
import { loadCrds } from "../../sandbox/crds";
import { assertSentences, processesOf, SandboxCommand, sandboxCommand } from "../support/cli";
import { BUILDING_MS } from "../support/controllers/plane";
import { eventually } from "../support/sandbox";

describe("the command `sandbox`", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-cli-"));
  const one = new SandboxHome(join(folder, "one"));
  const other = new SandboxHome(join(folder, "other"));
  const up = (home: SandboxHome) => new SandboxCommand("up", "--home", home.path);

  // Whoever interrupts a first start interrupts downloads or builds: not what is tested here.
  before(async function () {
    this.timeout(BUILDING_MS);
    await Promise.all([obtain([...processNames, "pulumi"]), loadCrds()]);
  });

  after(async () => {
    for (const home of [one, other]) await stopControlPlane(home);
    rmSync(folder, { recursive: true, force: true });
  });

  describe("before there is a sandbox", () => {
    const nowhere = join(folder, "nowhere");

    for (const command of [[], ["up"], ["down"], ["status"]])
      it(`explains \`${["sandbox", ...command].join(" ")}\``, async () => {
        const { code, stdout } = await sandboxCommand(...command, "--help");
        assert.equal(code, 0);
        assert.match(stdout, /^Usage: sandbox /);
      });

    for (const args of [["up", "--hme", "x"], ["start"], ["down", "extra"], []])
      it(`fails on \`${["sandbox", ...args].join(" ")}\``, async () => {
        const { code, stderr } = await sandboxCommand(...args);
        assert.notEqual(code, 0);
        assertSentences(stderr);
      });

    it("says that none runs, with exit code 1", async () => {
      const { code, stdout } = await sandboxCommand("status", "--home", nowhere);
      assert.equal(code, 1);
      assert.match(stdout, /The sandbox is stopped\./);
    });

    it("has nothing to take down", async () => {
      const { code, stdout } = await sandboxCommand("down", "--home", nowhere);
      assert.equal(code, 0);
      assert.equal(stdout, `${nowhere}: there is no sandbox.\n`);
    });

    it("starts nothing for a configuration that is not there", async () => {
      const { code, stderr } = await sandboxCommand(
        "up",
        "--home",
        nowhere,
        "--config",
        join(folder, "none.yaml"),
      );
      assert.equal(code, 1);
      assert.match(stderr, /none\.yaml: the file cannot be read\./);
      assertSentences(stderr);
      assert.equal(existsSync(nowhere), false);
    });

    it("lists every problem of a configuration and starts nothing", async () => {
      const config = join(folder, "Pulumi.bad.yaml");
      writeFileSync(config, "config:\n  kagent-a2a:tenants: {kube-system: {}}\n  kagent-a2a:agnets: {}\n");
      const { code, stderr } = await sandboxCommand("up", "--home", nowhere, "--config", config);
      assert.equal(code, 1);
      for (const part of ["kube-system", "agnets", "cluster", "models", "nothing was deployed"])
        assert.ok(stderr.includes(part), `${part} is not in ${stderr}`);
      assertSentences(stderr);
      assert.equal(existsSync(nowhere), false);
    });

    it("needs a folder that can be written", async () => {
      // Root writes everywhere but here.
      const locked = process.getuid?.() === 0 ? "/proc/kagent-a2a" : join(folder, "locked", "sandbox");
      if (!locked.startsWith("/proc")) mkdirSync(join(folder, "locked"), { mode: 0o500 });
      const { code, stderr } = await sandboxCommand("up", "--home", locked);
      assert.equal(code, 1);
      assert.ok(stderr.startsWith(`${locked}: cannot `), stderr);
      assertSentences(stderr);
    });

    it("does not take over a folder with other files", async () => {
      const { code, stderr } = await sandboxCommand("up", "--home", folder);
      assert.equal(code, 1);
      assert.match(stderr, /this folder holds other files/);
      assertSentences(stderr);
    });
  });

  describe("interrupted", () => {
    const contains = (path: string, text: string) =>
      existsSync(path) && readFileSync(path, "utf8").includes(text);
    const state = one.at("state", ".pulumi", "stacks", "kagent-a2a", "sandbox.json");
    const deploys = () => contains(state, "kubernetes:core/v1:Namespace");
    const moments: readonly [title: string, reached: () => boolean][] = [
      ["while the control plane starts", () => contains(one.at("run", "state.json"), "kube-apiserver")],
      ["while the CRDs are installed", () => existsSync(one.kubeconfig)],
      ["while the stack is deployed", deploys],
    ];
    for (const [title, reached] of moments)
      it(`${title}, leaves nothing running`, async () => {
        const command = up(one);
        await command.until(reached);
        command.interrupt();
        const { code, stderr } = await command.ended;
        assert.match(stderr, /^Interrupted \(SIGINT\)\.$/m);
        assertSentences(stderr);
        assert.equal(code, 130);
        assert.equal((await controlPlaneStatus(one)).state, "stopped");
        await eventually(async () => assert.deepEqual(processesOf(one.path), []));
      });

    it("by a kill in the middle, comes up the next time, while another sandbox starts beside it", async () => {
      const before = contains(state, "kubernetes:kagent.dev/v1alpha2:Agent");
      assert.equal(before, false, "it was interrupted too late to leave anything to do");
      const killed = up(one);
      const seen = readFileSync(state, "utf8");
      await killed.until(() => deploys() && readFileSync(state, "utf8") !== seen);
      killed.kill();
      await killed.ended;
      assert.ok(lstatSync(one.at("lock")), "the lock of a killed command stays");

      const commands = [up(one), up(other)] as const;
      await commands[0].until(() => lstatSync(one.at("lock"), { throwIfNoEntry: false }) !== undefined);
      const [first, second] = await Promise.all(commands.map(({ ended }) => ended));
      assert.equal(first?.code, 0, first?.stderr);
      assert.equal(second?.code, 0, second?.stderr);
      assertEveryLayer(second?.stdout ?? "", "created");
      const [here, there] = await Promise.all([controlPlaneStatus(one), controlPlaneStatus(other)]);
      assert.deepEqual([here.state, there.state], ["ready", "ready"]);
      assert.notEqual(here.url, there.url);
    });
  });

  describe("with a sandbox that runs", () => {
    it("changes nothing a second time, and lets no other command in meanwhile", async () => {
      const again = up(one);
      await again.until(() => existsSync(one.at("stack", "Pulumi.sandbox.yaml")) && isLocked(one));
      const late = await sandboxCommand("up", "--home", one.path);
      assert.equal(late.code, 1);
      assert.match(late.stderr, /another "start" is running \(process \d+\)\./);
      assertSentences(late.stderr);

      const { code, stdout } = await again.ended;
      assert.equal(code, 0);
      assert.match(stdout, /^Stack sandbox: 0 to change, /m);
      assertEveryLayer(stdout, "unchanged");
      assert.match(stdout, /team-alpha\/orchestrator -> team-beta\/specialist/);
    });

    it("says what runs, with exit code 0", async () => {
      const { code, stdout } = await sandboxCommand("status", "--home", one.path);
      assert.equal(code, 0);
      assert.match(stdout, /The sandbox is ready at https:\/\/127\.0\.0\.1:\d+\./);
    });

    it("takes down one and leaves the other alone", async () => {
      const { code, stdout, stderr } = await sandboxCommand("down", "--home", one.path);
      assert.equal(code, 0, stderr);
      assert.equal(stdout, `${one.path}: the stack, its processes and the folder are gone.\n`);
      assert.equal(existsSync(one.path), false);
      await eventually(async () => assert.deepEqual(processesOf(one.path), []));
      assert.equal((await controlPlaneStatus(other)).state, "ready");
    });
  });
});

const isLocked = (home: SandboxHome): boolean =>
  lstatSync(home.at("lock"), { throwIfNoEntry: false }) !== undefined;

/** The end of a start tells what was done in each of the six layers, and nothing is missing in the rows together. */
function assertEveryLayer(stdout: string, done: string): void {
  const rows = [...stdout.matchAll(/^ {2}([a-z]+) +(?:(\d+) (\w+)|part of Agents|in force) {2}/gm)];
  assert.deepEqual(rows.map(([, layer]) => layer).slice(-6), [
    "admission",
    "reconciler",
    "network",
    "identity",
    "token",
    "audit",
  ]);
  const counted = rows.filter(([, , count]) => count !== undefined);
  assert.ok(
    counted.every(([, , , word]) => word === done),
    stdout,
  );
  const [, total] = /^Stack sandbox: .*?(\d+) \w+\.$/m.exec(stdout) ?? [];
  assert.equal(
    counted.reduce((sum, [, , count]) => sum + Number(count), 0),
    Number(total),
  );
}
