/** `verify` asks running pods, by `pods/exec`, in a cluster that the lab makes for it. */
import assert from "node:assert/strict";
import { isOpen, type VerifyReport } from "../../../lab/report";
import { runLab } from "../../../lab/run";
import { devConfiguration } from "../../support/dev";
import { labOrSkip } from "../../support/lab";

describe("verify, with the lab for its cluster", function () {
  this.timeout(45 * 60_000);

  before(async function () {
    await labOrSkip(this, "verify");
  });

  for (const routing of ["gateway", "direct"])
    describe(`routing ${routing}`, () => {
      let report: VerifyReport;
      before(async () => {
        const configuration = devConfiguration((raw) => {
          raw.routing = routing;
        });
        const { verify } = await runLab({ configuration, scenarios: ["verify"] });
        assert.ok(verify);
        report = verify;
      });
      const passed = (): string[] =>
        report.results.filter(({ status }) => status === "pass").map(({ subject }) => subject);

      it("fails nothing, and leaves nothing open that pods answer", () => {
        assert.deepEqual(report.results.filter(isOpen), []);
      });

      it("has asked in the agents' pods and in a rogue one", () => {
        const delegation = "team-alpha/orchestrator -> team-beta/specialist";
        for (const subject of [
          `${delegation}, with its token`,
          `${delegation}, no token`,
          `${delegation}, a token with another signature`,
          `${delegation}, a token whose subject was changed`,
          ...(routing === "gateway" ? [`${delegation}, past the gateway`] : []),
          "team-beta/specialist -> team-alpha/orchestrator",
          "rogue pod -> team-alpha/orchestrator",
          "rogue pod -> team-beta/specialist",
          "kagent-controller",
          ...(routing === "gateway" ? ["a2a-gateway", "a2a-gateway -> team-beta/specialist"] : []),
        ])
          assert.ok(passed().includes(subject), subject);
      });

      it("finds a hole in the network and those in the mesh by asking", () => {
        assert.equal(report.controls.length, 3);
        for (const { change, isFound, failed } of report.controls)
          assert.ok(isFound, `${change}: ${failed.join(", ")}`);
      });
    });
});
