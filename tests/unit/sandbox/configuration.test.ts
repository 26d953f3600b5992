import assert from "node:assert/strict";
import { join } from "node:path";
import { releases } from "../../../components/platform/index";
import { sandboxConfiguration } from "../../../sandbox/stack-workspace";
import { readStackFile, readTopology } from "../../../topology";

const FILES = ["dev", "prod"].map((stack) => join(__dirname, `../../../Pulumi.${stack}.yaml`));

describe("a shipped stack in the sandbox", () => {
  for (const file of FILES) {
    const raw = readStackFile(file);
    const [own, inSandbox] = [raw, sandboxConfiguration(raw)].map((one) => readTopology(one));

    it(`is the same graph (${file.split(".").at(-2)})`, () => {
      assert.deepEqual(inSandbox?.delegations, own?.delegations);
      assert.deepEqual(inSandbox?.agents, own?.agents);
    });

    it(`asks for nothing that only its own cluster has (${file.split(".").at(-2)})`, () => {
      assert.ok(inSandbox);
      assert.equal(inSandbox.cluster.context, undefined, "the sandbox's kubeconfig has no such context");
      assert.deepEqual(releases(inSandbox), []);
      assert.equal(inSandbox.admission, "native");
      assert.equal(inSandbox.pki, "none");
    });
  }

  it("hides nothing that is wrong with the cluster's settings", () => {
    assert.equal(sandboxConfiguration({ cluster: 5 }).cluster, 5);
    assert.equal("cluster" in sandboxConfiguration({}), false);
  });
});
