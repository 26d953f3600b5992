import * as assert from "node:assert/strict";
import { type ApiKeyCheck, ConfigurationError, type Problem, readTopology } from "../../../topology";
import { devConfiguration, ORCHESTRATOR, problemsOf } from "../../support/dev";

function problemsWithKeys(
  check: ApiKeyCheck,
  edit = (_: ReturnType<typeof devConfiguration>) => {},
): readonly Problem[] {
  try {
    readTopology(devConfiguration(edit), check);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems;
  }
}

describe("problems are reported together", () => {
  it("of shape, of meaning and of secrets, in one message without a stack", () => {
    const raw = devConfiguration((c) => {
      c.agents[ORCHESTRATOR].exposed = "yes";
      c.delegations.push({ from: ORCHESTRATOR, to: "team-beta/nobody" });
      c.rotation = { current: "1", previous: "1" };
      c.cluster.nodeCIDRs = ["x"];
    });
    assert.throws(
      () => readTopology(raw, { has: () => false, encrypted: undefined }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigurationError);
        assert.deepEqual(
          error.message.split("\n").filter((line) => line.startsWith("  kagent-a2a:")),
          [
            '  kagent-a2a:agents["team-alpha/orchestrator"].exposed: must be true or false, but is a text.',
            '  kagent-a2a:cluster.nodeCIDRs[0]: "x" is not a CIDR such as 10.0.0.0/16 or fd00::/48.',
            '  kagent-a2a:delegations[1].to: there is no agent "team-beta/nobody".',
            '  kagent-a2a:rotation.previous: is the same generation as rotation.current ("1").',
            "  kagent-a2a:apiKeys.team-alpha.gpt: team team-alpha uses model gpt and has no API key for it.",
            "  kagent-a2a:apiKeys.team-beta.gpt: team team-beta uses model gpt and has no API key for it.",
          ],
        );
        assert.match(error.message, /^The stack configuration has 6 problems; nothing was deployed\.\n/);
        return true;
      },
    );
  });

  it("each once, even where a value is wrong in two ways", () => {
    const problems = problemsOf({});
    const unique = new Set(problems.map(({ where }) => where));
    assert.equal(unique.size, problems.length);
  });
});

describe("a missing API key", () => {
  const none: ApiKeyCheck = { has: () => false, encrypted: undefined };

  it("comes with the command that sets it, once per team and model", () => {
    assert.deepEqual(
      problemsWithKeys(none).map(({ fix }) => fix),
      ["team-alpha", "team-beta"].map(
        (team) => `Run: pulumi config set --secret --path 'kagent-a2a:apiKeys.${team}.gpt'`,
      ),
    );
  });

  it("comes with the stack that runs, where one does", () => {
    const [{ fix } = { fix: "" }] = problemsWithKeys({ ...none, stack: "dev" });
    assert.equal(
      fix,
      "Run: pulumi config set --secret --path 'kagent-a2a:apiKeys.team-alpha.gpt' --stack dev",
    );
  });

  it("is not asked for where the provider takes none, or the model says so", () => {
    assert.deepEqual(
      problemsWithKeys(none, (c) => {
        c.models.gpt.provider = "Ollama";
        c.models.gpt.parameters = { host: "http://ollama.models:11434" };
      }),
      [],
    );
    assert.deepEqual(
      problemsWithKeys(none, (c) => {
        c.models.gpt.apiKey = "false";
      }),
      [],
    );
  });

  it("is not asked for without knowledge of secrets, so that rendering needs none", () => {
    assert.equal(readTopology(devConfiguration()).agents.length, 2);
  });
});

describe("API keys in plain text", () => {
  it("are refused, and not shown", () => {
    const key = "sk-very-secret";
    const problems = problemsWithKeys({ has: () => true, encrypted: false }, (c) => {
      c.apiKeys = { "team-alpha": { gpt: key } };
    });
    assert.deepEqual(problems, [
      {
        where: "apiKeys",
        what: "holds API keys in plain text.",
        fix: "Remove it, treat it as known to others, and set a new one with `pulumi config set --secret --path`.",
      },
    ]);
    assert.ok(!JSON.stringify(problems).includes(key));
  });
});
