/** The runtime that kagent itself runs, in the pods of a delegation's caller and callee. */
import assert from "node:assert/strict";
import { type DelegationRun, isHeld } from "../../../lab/report";
import { runLab } from "../../../lab/run";
import { TOKEN_HEADER } from "../../../topology";
import { devConfiguration } from "../../support/dev";
import { labOrSkip } from "../../support/lab";

describe("real agents in the lab", function () {
  this.timeout(45 * 60_000);

  before(async function () {
    await labOrSkip(this, "runtimes");
  });

  for (const routing of ["gateway", "direct"])
    describe(`routing ${routing}`, () => {
      let delegation: DelegationRun;
      before(async () => {
        const configuration = devConfiguration((raw) => {
          raw.routing = routing;
        });
        const { runtimes } = await runLab({ configuration, scenarios: ["runtimes"] });
        const [first, ...others] = runtimes?.delegations ?? [];
        assert.ok(first !== undefined && others.length === 0);
        delegation = first;
      });

      it("bring back what only the callee can contribute, and nothing where they must not", () => {
        for (const step of delegation.steps) assert.ok(isHeld(step), `${step.what}: ${step.seen}`);
        const arrived = delegation.steps.filter((step) => step.arrived).map(({ what }) => what);
        assert.deepEqual(arrived, ["as declared", "with the policy restored"]);
      });

      it("use the session and task APIs of the controller, and the callee never sees the token", () => {
        const paths = delegation.controllerCalls.map((call) => call.split(" ").slice(1, 3).join(" "));
        for (const call of ["POST /api/sessions", "POST /api/tasks"]) assert.ok(paths.includes(call), call);
        assert.ok(delegation.headersAtCallee.length > 0);
        assert.ok(!delegation.headersAtCallee.includes(TOKEN_HEADER.toLowerCase()));
      });
    });
});
