import * as assert from "node:assert/strict";
import { graphDifference } from "../../../topology";
import { addAgent, devTopology, type Edit, ORCHESTRATOR, SPECIALIST } from "../../support/dev";

const sentences = (edit: Edit, before: Edit | undefined = () => {}): string[] =>
  graphDifference(before && devTopology(before), devTopology(edit)).map(
    ({ what, change, name }) => `${what} ${change}: ${name}`,
  );

describe("the difference between two graphs", () => {
  it("is nothing for the same graph", () => {
    assert.deepEqual(
      sentences(() => {}),
      [],
    );
  });

  it("names delegations and exposed agents first, and tells added from removed", () => {
    const grown: Edit = (c) => {
      c.tenants["team-gamma"] = {};
      addAgent("team-gamma/new")(c);
      c.agents["team-gamma/new"].exposed = true;
      c.delegations = [{ from: ORCHESTRATOR, to: "team-gamma/new" }];
      c.routing = "direct";
    };
    const added = [
      `delegation added: ${ORCHESTRATOR} -> team-gamma/new`,
      `delegation removed: ${ORCHESTRATOR} -> ${SPECIALIST}`,
      "exposed agent added: team-gamma/new",
      "tenant added: team-gamma",
      "agent added: team-gamma/new",
      "setting changed: routing: gateway -> direct",
    ];
    assert.deepEqual(sentences(grown), added);
    assert.ok(sentences(() => {}, grown).includes("agent removed: team-gamma/new"));
  });

  it("names everything of a stack that is new", () => {
    const all = graphDifference(undefined, devTopology());
    assert.deepEqual(new Set(all.map(({ change }) => change)), new Set(["added"]));
    assert.equal(all.length, 1 + 1 + 2 + 2);
  });
});
