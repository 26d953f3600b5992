import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { OperationFailed, operate } from "../../../operations/operate";

const ROOT =
  "urn:pulumi:prod::kagent-a2a::kubernetes:cert-manager.io/v1:Certificate::platform-cert-manager/mesh-root";
const CRDS = "urn:pulumi:prod::kagent-a2a::kubernetes:helm.sh/v3:Release::platform-kagent/kagent-crds";

/** A stack that only remembers whether anything was deleted. */
function stackWith(resources: readonly object[]): { stack: Stack; wasDestroyed: () => boolean } {
  let destroyed = false;
  const stack = {
    name: "prod",
    exportStack: () => Promise.resolve({ version: 3, deployment: { resources } }),
    destroy: () => {
      destroyed = true;
      return Promise.resolve({ stdout: "", stderr: "", summary: { resourceChanges: { delete: 1 } } });
    },
  };
  return { stack: stack as unknown as Stack, wasDestroyed: () => destroyed };
}

const namespace = { urn: "urn:a", type: "kubernetes:core/v1:Namespace", id: "team-alpha" };

describe("destroy", () => {
  it("deletes nothing while something is protected, and says how to lift it", async () => {
    const { stack, wasDestroyed } = stackWith([
      namespace,
      { urn: CRDS, type: "kubernetes:helm.sh/v3:Release", id: "kagent/kagent-crds", protect: true },
      {
        urn: ROOT,
        type: "kubernetes:cert-manager.io/v1:Certificate",
        id: "cert-manager/mesh-root",
        protect: true,
      },
    ]);
    await assert.rejects(operate(stack, "destroy"), (error: Error) => {
      assert.ok(error instanceof OperationFailed);
      assert.deepEqual(error.message.split("\n"), [
        "destroy failed:",
        "  Release kagent/kagent-crds is protected, because users' data would go with it. Nothing was deleted.",
        `      To delete it all the same: pulumi state unprotect --stack prod --yes '${CRDS}'`,
        "  Certificate cert-manager/mesh-root is protected, because users' data would go with it. Nothing was deleted.",
        `      To delete it all the same: pulumi state unprotect --stack prod --yes '${ROOT}'`,
      ]);
      return true;
    });
    assert.equal(wasDestroyed(), false);
  });

  it("asks only once nothing refuses, and deletes nothing when the answer is no", async () => {
    let asked = 0;
    const beforeChange = () => {
      asked += 1;
      return Promise.reject(new Error("no"));
    };
    const kept = stackWith([{ urn: CRDS, type: "kubernetes:helm.sh/v3:Release", id: "a", protect: true }]);
    await assert.rejects(operate(kept.stack, "destroy", { beforeChange }), OperationFailed);
    assert.equal(asked, 0);
    const ours = stackWith([namespace]);
    await assert.rejects(operate(ours.stack, "destroy", { beforeChange }), /^Error: no$/);
    assert.deepEqual([asked, ours.wasDestroyed()], [1, false]);
  });

  it("goes ahead where nothing is protected, and where there is nothing", async () => {
    const ours = stackWith([namespace]);
    assert.deepEqual((await operate(ours.stack, "destroy")).changes, { delete: 1 });
    assert.equal(ours.wasDestroyed(), true);
    const empty = {
      ...stackWith([]).stack,
      exportStack: () => Promise.resolve({ version: 3, deployment: {} }),
    };
    await operate(empty as unknown as Stack, "destroy");
  });
});
