import assert from "node:assert/strict";
import { plan } from "../../../components/plan/plan";
import { type Context, runCheck } from "../../../verify/checks/check";
import { reconciler } from "../../../verify/checks/reconciler";
import type { Doc } from "../../../verify/static/objects";
import { devTopology } from "../../support/dev";

describe("what the controller made of an Agent", () => {
  const planned = plan(devTopology());
  const conditions = (value: string) =>
    ["Accepted", "Ready"].map((type) => ({ type, status: value, message: "said" }));
  async function found(status: Doc): Promise<(string | undefined)[]> {
    const live = {
      find: (manifest: Doc) => ({ ...manifest, metadata: { ...manifest.metadata, generation: 3 }, status }),
    };
    const [check] = reconciler;
    assert.ok(check);
    const results = await runCheck(check, { planned, live } as unknown as Context);
    return [...new Set(results.map((one) => one.status))];
  }

  it("counts only once the controller has seen its last change", async () => {
    assert.deepEqual(await found({ observedGeneration: 3, conditions: conditions("True") }), ["pass"]);
    assert.deepEqual(await found({ observedGeneration: 2, conditions: conditions("True") }), ["fail"]);
    assert.deepEqual(await found({ observedGeneration: 3, conditions: conditions("False") }), ["fail"]);
    assert.deepEqual(await found({}), ["not answerable"]);
  });
});
