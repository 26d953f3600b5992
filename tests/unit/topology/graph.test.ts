import * as assert from "node:assert/strict";
import { mermaid, type Topology } from "../../../topology";
import { addAgent, devTopology, type Edit, ORCHESTRATOR, SPECIALIST } from "../../support/dev";

const withInner: Edit = (c) => {
  addAgent("team-beta/helper", "team-alpha/planner")(c);
  c.delegations.push(
    { from: SPECIALIST, to: "team-beta/helper" },
    { from: "team-alpha/planner", to: SPECIALIST },
  );
};
const agent = ({ agents }: Topology, id: string) => agents.find((one) => one.id === id);

describe("the graph", () => {
  it("knows callers and callees of each agent, sorted", () => {
    const topology = devTopology(withInner);
    assert.deepEqual(
      agent(topology, SPECIALIST)?.callers.map(({ id }) => id),
      [ORCHESTRATOR, "team-alpha/planner"],
    );
    assert.deepEqual(
      agent(topology, SPECIALIST)?.callees.map(({ id }) => id),
      ["team-beta/helper"],
    );
  });

  it("orders agents with callees before their callers", () => {
    const ids = devTopology(withInner).agents.map(({ id }) => id);
    assert.ok(ids.indexOf("team-beta/helper") < ids.indexOf(SPECIALIST));
    assert.ok(ids.indexOf(SPECIALIST) < ids.indexOf(ORCHESTRATOR));
  });

  it("makes a tenant consumer or provider only by delegations that leave it", () => {
    const inside: Edit = (c) => {
      addAgent("team-beta/helper")(c);
      c.delegations = [{ from: SPECIALIST, to: "team-beta/helper" }];
    };
    const roles = (topology: Topology) =>
      topology.tenants.map(({ name, isConsumer, isProvider }) => [name, isConsumer, isProvider]);
    assert.deepEqual(roles(devTopology()), [
      ["team-alpha", true, false],
      ["team-beta", false, true],
    ]);
    assert.deepEqual(roles(devTopology(inside)), [
      ["team-alpha", false, false],
      ["team-beta", false, false],
    ]);
  });

  it("gives a tenant only the models its agents use", () => {
    const { tenants } = devTopology((c) => {
      c.models.other = c.models.gpt;
      c.agents[SPECIALIST].model = "other";
    });
    assert.deepEqual(
      tenants.map(({ models }) => models.map(({ name }) => name)),
      [["gpt"], ["other"]],
    );
  });
});

describe("the picture of the graph", () => {
  it("shows teams, agents, users and delegations", () => {
    assert.equal(
      mermaid(devTopology()),
      `flowchart LR
  subgraph TEAM_team_alpha["team-alpha"]
    team_alpha_AGENT_orchestrator(["orchestrator"])
  end
  subgraph TEAM_team_beta["team-beta"]
    team_beta_AGENT_specialist["specialist"]
  end
  users(("users"))
  users --> team_alpha_AGENT_orchestrator
  team_alpha_AGENT_orchestrator ==>|gateway| team_beta_AGENT_specialist
`,
    );
  });

  it("has an identifier of its own for each agent, and none that is a word of Mermaid", () => {
    const lines = mermaid(
      devTopology((c) => {
        for (const tenant of ["a--b", "a", "users", "end"]) c.tenants[tenant] = {};
        addAgent("a--b/c", "a/b--c", "users/x", "end/x")(c);
      }),
    ).split("\n");
    const ids = lines.flatMap((line) => /^ +(?:subgraph )?(\w+)[[(]/.exec(line)?.[1] ?? []);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, 6 + 6 + 1);
    assert.ok(!ids.includes("end"));
  });
});
