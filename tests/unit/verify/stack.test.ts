import assert from "node:assert/strict";
import { stackOutputs } from "../../../components/outputs";
import { plan } from "../../../components/plan/plan";
import { type Deployed, stackResults } from "../../../verify/stack";
import { addAgent, devTopology } from "../../support/dev";

const topology = devTopology();
const planned = plan(topology);
const outputs = { ...stackOutputs(topology, planned), tokenKeys: "{}" };

const told = (deployed: Partial<Deployed>) =>
  stackResults(topology, planned, { outputs, lastResult: "succeeded", ...deployed })
    .filter(({ status }) => status === "fail")
    .map(({ subject, detail }) => `${subject}: ${detail}`);

describe("the stack's own word", () => {
  it("passes when the last update deployed this configuration", () => assert.deepEqual(told({}), []));

  it("fails when the last update failed or goes on", () => {
    for (const lastResult of ["failed", "in-progress"])
      assert.match(told({ lastResult }).join(), new RegExp(`last update: ${lastResult}: .*run up again`));
  });

  it("fails when another version deployed it", () => {
    assert.match(
      told({ outputs: { ...outputs, version: "0.0.1" } }).join(),
      /deployed by 0\.0\.1, and this is /,
    );
    const { principals: _none, ...older } = outputs;
    assert.match(told({ outputs: older }).join(), /principals are missing: .*another version/);
  });

  it("names what is declared and not deployed, and the reverse", () => {
    const more = devTopology((configuration) => {
      addAgent("team-beta/analyst")(configuration);
      configuration.delegations.push({ from: "team-alpha/orchestrator", to: "team-beta/analyst" });
    });
    const { delegations, principals } = stackOutputs(more, plan(more));
    const found = told({ outputs: { ...outputs, delegations, principals } });
    assert.deepEqual(found, [
      "team-alpha/orchestrator -> team-beta/analyst: was deployed and is not declared (delegations); run up",
      "team-beta/analyst: was deployed and is not declared (principals); run up",
    ]);
    const [missing] = told({ outputs: { ...outputs, delegations: {} } });
    assert.match(
      missing ?? "",
      /^team-alpha\/orchestrator -> team-beta\/specialist: is declared and was not deployed/,
    );
  });
});
