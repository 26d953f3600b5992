import * as assert from "node:assert/strict";
import { rawConfiguration, readTopology } from "../../../topology";
import { devConfiguration, devTopology, ORCHESTRATOR, problemsOf, type Raw } from "../../support/dev";

describe("configuration that the Pulumi CLI rewrote", () => {
  it("means the same with numbers and booleans as texts", () => {
    const numbers = devTopology((c) => {
      c.agents[ORCHESTRATOR].replicas = 3;
      c.cluster.apiServer.port = 443;
      c.rotation = { current: 2, previous: 1 };
      c.kagent = { await: false };
      c.tenants["team-alpha"].quota = { pods: 5 };
    });
    const texts = devTopology((c) => {
      c.agents[ORCHESTRATOR].replicas = "3";
      c.agents[ORCHESTRATOR].exposed = "true";
      c.cluster.apiServer.port = "443";
      c.rotation = { current: "2", previous: "1" };
      c.kagent = { await: "false" };
      c.tenants["team-alpha"].quota = { pods: "5" };
    });
    assert.deepEqual(texts, numbers);
  });

  it("means the same with JSON text for what is structured", () => {
    const raw = devConfiguration();
    const asTheRuntimeHandsItOver = Object.fromEntries(
      Object.entries(raw).map(([key, value]) => [
        `kagent-a2a:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
    assert.deepEqual(rawConfiguration(asTheRuntimeHandsItOver), raw);
  });

  it("leaves texts that are no JSON, and keys of other programs, alone", () => {
    assert.deepEqual(
      rawConfiguration({ "kagent-a2a:routing": "direct", "aws:region": "x", "kagent-a2a:x": "{" }),
      {
        routing: "direct",
        x: "{",
      },
    );
  });
});

describe("the order of keys", () => {
  const reversed = (value: Raw): Raw =>
    Array.isArray(value) || typeof value !== "object" || value === null
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, inner]) => [key, reversed(inner)]),
        );

  it("does not matter, nor that of delegations", () => {
    const more = (c: Raw) => {
      for (const id of ["team-beta/a", "team-alpha/z"]) c.agents[id] = c.agents[ORCHESTRATOR];
      c.delegations.push(
        { from: "team-alpha/z", to: "team-beta/a" },
        { from: ORCHESTRATOR, to: "team-beta/a" },
      );
    };
    const raw = reversed(devConfiguration(more));
    raw.delegations.reverse();
    assert.deepEqual(readTopology(raw), devTopology(more));
  });
});

describe("defaults", () => {
  it("are the gateway, Gatekeeper, generation 1, one pod, nobody exposed", () => {
    const { routing, admission, rotation, kagent, agents } = devTopology((c) => {
      delete c.agents[ORCHESTRATOR].exposed;
    });
    assert.deepEqual([routing, admission, rotation], ["gateway", "gatekeeper", { current: "1" }]);
    assert.deepEqual(kagent, { version: "0.10.4", await: true });
    assert.deepEqual(
      agents.map(({ settings }) => [settings.exposed, settings.replicas]),
      [
        [false, 1],
        [false, 1],
      ],
    );
  });

  it("let a team be written without settings", () => {
    const { tenants } = devTopology((c) => {
      c.tenants["team-gamma"] = null;
    });
    assert.deepEqual(tenants.at(-1)?.settings.editors, []);
  });
});

describe("a date without quotes", () => {
  it("is refused as the CLI hands it over, too", () => {
    const problems = problemsOf(
      devConfiguration((c) => {
        c.models.gpt.parameters = { apiVersion: "2024-10-21 00:00:00 +0000 UTC" };
      }),
    );
    assert.ok(
      problems.some(
        ({ where, what }) =>
          where === "models.gpt.parameters.apiVersion" && what.startsWith("was a date without quotes"),
      ),
    );
  });
});
