/** The pack through the real engine: what it refuses is not created, what is clean passes, what it cannot know fails. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { ConfigMap, Namespace } from "@pulumi/kubernetes/core/v1";
import { LocalWorkspace, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { RandomPassword } from "@pulumi/random";
import { OperationFailed, type Outcome, operate } from "../../operations/operate";
import { titleOf } from "../../operations/steps";
import { pulumiEnvironment } from "../../sandbox/stack-workspace";
import { devConfiguration, useSandbox } from "../support/sandbox";

/** Somebody else's program on the same cluster: a namespace that labels itself a consumer, an AuthorizationPolicy for all, and bodies in the log. */
const violating: PulumiFn = async () => {
  const rogue = new Namespace("rogue", {
    metadata: { name: "rogue", labels: { "kagent.dev/agent-consumer": "true" } },
  });
  new CustomResource(
    "open",
    {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: "open", namespace: "rogue" },
      spec: { rules: [{}] },
    },
    { dependsOn: rogue },
  );
  return { auditPolicy: "rules: [{level: RequestResponse}]" };
};

const clean: PulumiFn = async () => {
  const shop = new Namespace("shop", { metadata: { name: "shop", labels: { team: "shop" } } });
  new ConfigMap(
    "settings",
    { metadata: { name: "settings", namespace: "shop" }, data: { a: "b" } },
    { dependsOn: shop },
  );
};

/** The name of an Agent is known only when the engine has run: no rule can look it up in a preview. */
const unknown: PulumiFn = async () => {
  const name = new RandomPassword("name", { length: 8, special: false, upper: false }).result;
  new CustomResource("agent", {
    apiVersion: "kagent.dev/v1alpha2",
    kind: "Agent",
    metadata: { name, namespace: "default" },
    spec: { type: "Declarative" },
  });
};

describe("the policy pack in the real engine", function () {
  this.timeout(120_000);
  const sandbox = useSandbox();
  let own: Stack;

  before(async function () {
    this.timeout(120_000);
    ({ stack: own } = await sandbox.prepare(devConfiguration()));
  });

  async function stackOf(name: string, program: PulumiFn): Promise<Stack> {
    const workDir = sandbox.home.at(name);
    mkdirSync(workDir, { recursive: true });
    return LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: name, program },
      { workDir, envVars: pulumiEnvironment(sandbox.home), pulumiCommand: own.workspace.pulumiCommand },
    );
  }

  const reasonsOf = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => assert.fail("it passed"),
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof OperationFailed, String(error));
    return error.reasons.join("\n");
  };

  it("passes the shipped stack, and leaves to up what only up knows", async () => {
    const { findings } = await operate(own, "preview");
    assert.ok(findings.every(({ policy, mandatory }) => policy === "notices" && !mandatory));
    assert.ok(findings.some(({ message }) => message.includes("checked at up: token-public-keys")));
  });

  const RULE =
    /\[admission-delegation-labels\] .*Namespace rogue \(v1\), metadata\.labels\["kagent\.dev\/agent-consumer"\]: no Agent here needs it\. Remove it\./s;

  it("refuses a violating stack in a preview, and nothing is created", async () => {
    const stack = await stackOf("violating", violating);
    const reasons = await reasonsOf(operate(stack, "preview"));
    assert.match(reasons, RULE);
    assert.match(reasons, /\[identity-default-deny\] /);
    // The audit policy is no resource: the pack reads it from the stack's outputs.
    assert.match(reasons, /\[audit-no-secret-bodies\] /);
    await assert.rejects(sandbox.api.read("v1", "Namespace", "rogue"));
  });

  it("refuses a violating stack in up, and nothing is created", async () => {
    const stack = await stackOf("violating", violating);
    assert.match(await reasonsOf(operate(stack, "up")), RULE);
    await assert.rejects(sandbox.api.read("v1", "Namespace", "rogue"), "a violating stack was created");
  });

  it("passes a clean program of somebody else, and says what happens to which resource", async () => {
    const stack = await stackOf("clean", clean);
    const { findings, steps } = await operate(stack, "preview");
    assert.deepEqual(findings, []);
    assert.deepEqual(
      steps.map((step) => `${step.operation} ${titleOf(step)}`),
      ["create Namespace shop", "create ConfigMap shop/settings"],
    );
  });

  it("asks with the preview before up changes anything, and changes nothing when the answer is no", async () => {
    const stack = await stackOf("clean", clean);
    const seen: string[][] = [];
    const beforeChange = (preview?: Outcome) => {
      seen.push((preview?.steps ?? []).map(titleOf));
      return Promise.reject(new Error("no"));
    };
    await assert.rejects(operate(stack, "up", { beforeChange }), /^Error: no$/);
    assert.deepEqual(seen, [["Namespace shop", "ConfigMap shop/settings"]]);
    await assert.rejects(sandbox.api.read("v1", "Namespace", "shop"));
  });

  it("fails where a rule meets a value that the preview does not know", async () => {
    const stack = await stackOf("unknown", unknown);
    assert.match(
      await reasonsOf(operate(stack, "preview")),
      /\[admission-literal-identity\] .*can't run policy admission-literal-identity: this value is known to the engine only\./s,
    );
  });
});
