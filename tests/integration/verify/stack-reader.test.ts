import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { LocalWorkspace, type PulumiFn } from "@pulumi/pulumi/automation";
import { stackOutputs } from "../../../components/outputs";
import { plan } from "../../../components/plan/plan";
import { obtain } from "../../../sandbox/binaries";
import { UserError } from "../../../system/errors";
import type { Topology } from "../../../topology/index";
import { stackResults } from "../../../verify/stack";
import { readStack } from "../../../verify/stack-reader";
import { assertSentences } from "../../support/cli";
import { addAgent, devTopology } from "../../support/dev";
import { orSkip } from "../../support/skip";

/** With the real Pulumi CLI and a backend of files. */
describe("verify reads a stack", function () {
  this.timeout(120_000);
  const environment = { ...process.env };
  const projectName = "kagent-a2a";
  let folder: string;
  let project: string;

  before(async function () {
    this.timeout(900_000);
    const { pulumi } = await orSkip(this, () => obtain(["pulumi"]));
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-stacks-"));
    project = join(folder, "project");
    const backend = join(folder, "backend");
    for (const path of [project, backend]) mkdirSync(path);
    writeFileSync(join(project, "Pulumi.yaml"), `name: ${projectName}\nruntime: nodejs\n`);
    Object.assign(process.env, {
      PATH: [dirname(pulumi.path), environment.PATH].join(delimiter),
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_HOME: join(folder, "home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  });
  after(() => {
    for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
    Object.assign(process.env, environment);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const stackNamed = (stackName: string, program: PulumiFn = async () => {}) =>
    LocalWorkspace.createOrSelectStack({ stackName, projectName, program });
  const outputsOf = (topology: Topology) => ({
    ...stackOutputs(topology, plan(topology)),
    tokenKeys: "{}",
  });

  async function deploy(stackName: string, outputs: object): Promise<void> {
    await (await stackNamed(stackName, async () => outputs)).up();
  }
  async function told(stackName: string): Promise<string[]> {
    const topology = devTopology();
    const results = stackResults(topology, plan(topology), await readStack(stackName, project));
    return results.map(({ status, subject, detail }) => `${status} ${subject}: ${detail}`);
  }
  async function cannotRead(stackName: string, expected: RegExp, at = project): Promise<void> {
    await assert.rejects(readStack(stackName, at), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, expected);
      assertSentences(error.message);
      assert.equal(error.exitCode, 2);
      return true;
    });
  }

  it("that was deployed whole from this configuration", async () => {
    await deploy("whole", outputsOf(devTopology()));
    assert.match((await told("whole")).join(), /^pass stack: version /);
  });

  it("that nobody made, or that was never deployed", async () => {
    await cannotRead(
      "nobody",
      /^There is no stack nobody in this backend\.\nDeploy it: pulumi stack init nobody/,
    );
    await stackNamed("empty");
    await cannotRead(
      "empty",
      /^The stack empty was never deployed\.\nDeploy it: npm run up -- --stack empty/,
    );
  });

  it("whose first deployment failed", async () => {
    const stack = await stackNamed("first", async () => {
      throw new Error("broken");
    });
    await assert.rejects(stack.up());
    await cannotRead(
      "first",
      /^The stack first was never deployed whole: its last update is failed\.\n.*npm run up/,
    );
  });

  it("whose last deployment failed", async () => {
    await deploy("half", outputsOf(devTopology()));
    const stack = await stackNamed("half", async () => {
      throw new Error("broken");
    });
    await assert.rejects(stack.up());
    assert.match(
      (await told("half")).join("\n"),
      /^fail last update: failed: the stack may be deployed in part/m,
    );
  });

  it("that another version of the program deployed", async () => {
    await deploy("older", { ...outputsOf(devTopology()), version: "0.0.1" });
    assert.match((await told("older")).join(), /^fail version: it was deployed by 0\.0\.1, and this is /);
    const { principals: _none, ...less } = outputsOf(devTopology());
    await deploy("oldest", less);
    assert.match((await told("oldest")).join(), /^fail outputs: principals are missing/);
  });

  it("that another configuration deployed", async () => {
    const other = devTopology((configuration) => {
      addAgent("team-beta/analyst")(configuration);
      configuration.routing = "direct";
    });
    await deploy("other", outputsOf(other));
    const lines = await told("other");
    assert.ok(
      lines.includes("fail team-beta/analyst: was deployed and is not declared (principals); run up"),
    );
    assert.ok(lines.includes("fail routing: direct was deployed, gateway is declared"));
  });

  it("from a backend that is not there, and without the CLI", async () => {
    const { PULUMI_BACKEND_URL, PATH } = process.env;
    process.env.PULUMI_BACKEND_URL = `file://${join(folder, "nowhere")}`;
    await cannotRead("whole", /^The stack whole cannot be read: .*nowhere.*\nLog in to its backend/);
    process.env.PULUMI_BACKEND_URL = PULUMI_BACKEND_URL;
    process.env.PATH = folder;
    await cannotRead("whole", /^The Pulumi CLI is not on the PATH/);
    process.env.PATH = PATH;
  });
});
