import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rawConfiguration, readStackFile, readTopology } from "../../../topology";
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

describe("a stack file that cannot be read", () => {
  const folder = mkdtempSync(join(tmpdir(), "stack-file-"));
  after(() => rmSync(folder, { recursive: true }));
  const refusal = (text: string | undefined): string => {
    const path = join(folder, "Pulumi.x.yaml");
    if (text === undefined) rmSync(path, { force: true });
    else writeFileSync(path, text);
    try {
      readStackFile(path);
    } catch (error) {
      return String((error as Error).message).replaceAll(path, "FILE");
    }
    return "accepted";
  };

  it("is refused with its name and what to do", () => {
    assert.match(refusal(undefined), /FILE: the file cannot be read\.\n {6}Name an existing stack file/);
    assert.match(refusal("a: [1"), /FILE: .*\n {6}Correct the YAML\./);
    assert.match(refusal("name: x"), /FILE: has no `config`\.\n {6}Write the configuration below `config:`/);
    assert.match(refusal(""), /FILE: has no `config`/);
    const many = Array.from({ length: 200 }, () => "*a").join(", ");
    for (const aliases of ["config: *nothing", `a: &a [x]\nconfig: {b: [${many}]}`])
      assert.match(refusal(aliases), /FILE: .*\n {6}(Write out what they stand for|Correct the YAML)\./);
    assert.equal(refusal("config: {}"), "accepted");
  });
});

describe("what stands without quotes in a stack file", () => {
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-plain-"));
  after(() => rmSync(folder, { recursive: true }));
  const read = (text: string) => {
    const file = join(folder, "Pulumi.plain.yaml");
    writeFileSync(file, text);
    return readStackFile(file);
  };

  it("and is something else to the Pulumi CLI, is refused by its place", () => {
    const text = [
      "config:",
      "  other:key: 2024-10-21",
      "  kagent-a2a:models:",
      "    gpt: { parameters: { apiVersion: 2024-10-21 }, list: [1, 0471] }",
      "  kagent-a2a:a: [{ b: 1_000 }, 0b11, 2024-1-2]",
    ].join("\n");
    assert.throws(
      () => read(text),
      (error: Error) => {
        assert.deepEqual(
          error.message.split("\n").filter((line) => line.startsWith("  kagent-a2a:")),
          [
            "  kagent-a2a:models.gpt.parameters.apiVersion: 2024-10-21 is a point in time to Pulumi, which reads YAML 1.1.",
            "  kagent-a2a:models.gpt.list[1]: 0471 is another number to Pulumi, which reads YAML 1.1.",
            "  kagent-a2a:a[0].b: 1_000 is another number to Pulumi, which reads YAML 1.1.",
            "  kagent-a2a:a[1]: 0b11 is another number to Pulumi, which reads YAML 1.1.",
            "  kagent-a2a:a[2]: 2024-1-2 is a point in time to Pulumi, which reads YAML 1.1.",
          ],
        );
        assert.match(error.message, /Write it in quotes\./);
        return true;
      },
    );
  });

  it("and is the same to both, passes, as does all that is quoted", () => {
    const plain =
      "config: { kagent-a2a:a: [0, 10, 1.1, 0x1F, yes, 12:30, 1e3, 10.0.0.0/8, gpt-4.1], kagent-a2a:b: '2024-10-21' }";
    assert.equal(read(plain).b, "2024-10-21");
  });

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
