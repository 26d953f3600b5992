import * as assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ConfigurationError, readStackFile, readTopology } from "../../../topology";
import { devConfiguration, type Edit } from "../../support/dev";

const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-stack-file-"));
after(() => rmSync(folder, { recursive: true }));
const FILE = join(folder, "Pulumi.x.yaml");

function write(text: string): string {
  writeFileSync(FILE, text);
  return FILE;
}

/** The file as `pulumi config` would leave it. */
const written = (edit?: Edit): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(devConfiguration(edit)).map(([key, value]) => [`kagent-a2a:${key}`, value]),
  );

/** What a file is refused for, as `where: what | fix`; nothing where it is accepted. */
function sentencesOf(config: string | Record<string, unknown>): string[] {
  try {
    readStackFile(write(typeof config === "string" ? config : stringify({ config })));
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems.map(({ where, what, fix }) => `${where.replace(folder, "")}: ${what} | ${fix}`);
  }
}

/** The whole message. */
function refusal(text?: string): string {
  if (text === undefined) rmSync(FILE, { force: true });
  else write(text);
  try {
    readStackFile(FILE);
  } catch (error) {
    return String((error as Error).message).replaceAll(FILE, "FILE");
  }
  return "accepted";
}

describe("a stack file that cannot be read", () => {
  it("is refused with its name and what to do", () => {
    assert.match(refusal(), /FILE: the file cannot be read\.\n {6}Name an existing stack file/);
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
  it("and is something else to the Pulumi CLI, is refused by its place", () => {
    const text = [
      "config:",
      "  other:key: 2024-10-21",
      "  kagent-a2a:models:",
      "    gpt: { parameters: { apiVersion: 2024-10-21 }, list: [1, 0471] }",
      "  kagent-a2a:a: [{ b: 1_000 }, 0b11, 2024-1-2]",
    ].join("\n");
    assert.deepEqual(
      sentencesOf(text).filter((sentence) => sentence.includes("YAML 1.1")),
      [
        "kagent-a2a:models.gpt.parameters.apiVersion: 2024-10-21 is a point in time to Pulumi",
        "kagent-a2a:models.gpt.list[1]: 0471 is another number to Pulumi",
        "kagent-a2a:a[0].b: 1_000 is another number to Pulumi",
        "kagent-a2a:a[1]: 0b11 is another number to Pulumi",
        "kagent-a2a:a[2]: 2024-1-2 is a point in time to Pulumi",
      ].map((what) => `${what}, which reads YAML 1.1. | Write it in quotes.`),
    );
  });

  it("and is the same to both, passes, as does all that is quoted", () => {
    const plain =
      "config: { kagent-a2a:a: [0, 10, 1.1, 0x1F, yes, 12:30, 1e3, 10.0.0.0/8, gpt-4.1], kagent-a2a:b: '2024-10-21' }";
    assert.equal(readStackFile(write(plain)).b, "2024-10-21");
  });
});

describe("a key that Pulumi reads otherwise than the readers of the file", () => {
  it("is refused without its prefix, since Pulumi deploys it all the same", () => {
    const { "kagent-a2a:delegations": delegations, ...rest } = written();
    assert.deepEqual(sentencesOf({ ...rest, delegations }), [
      "config.delegations: has no prefix: Pulumi deploys it, and who looks for the prefix does not see it. | Write it as kagent-a2a:delegations.",
    ]);
  });

  it("is refused with a prefix that is misspelt", () => {
    for (const prefix of ["kagenta2a", "kagent", "Kagent-A2A"])
      assert.deepEqual(sentencesOf({ ...written(), [`${prefix}:delegations`]: [] }), [
        `config["${prefix}:delegations"]: has another prefix than kagent-a2a: and is read by nobody. | Write it as kagent-a2a:delegations.`,
      ]);
  });

  it("is refused in the other spelling of the prefix that Pulumi knows", () => {
    const config = { ...written(), "kagent-a2a:config:delegations": [] };
    assert.throws(
      () => readTopology(readStackFile(write(stringify({ config })))),
      /kagent-a2a:\["config:delegations"\]: there is no such key\./,
    );
  });

  it("passes where it is another program's", () => {
    assert.deepEqual(sentencesOf({ ...written(), "kubernetes:cluster": "x", "aws:region": "y" }), []);
  });

  describe("in the project", () => {
    const project = join(folder, "Pulumi.yaml");
    after(() => rmSync(project));

    it("is refused, since it is merged into every stack", () => {
      const config = { routing: "direct", "kagent-a2a:models": { value: {} }, "kubernetes:context": "x" };
      writeFileSync(project, stringify({ name: "kagent-a2a", config }));
      const what = "is deployed with every stack, and who reviews a stack file does not see it.";
      assert.deepEqual(sentencesOf(written()), [
        `/Pulumi.yaml: config.routing: ${what} | Remove it, and write kagent-a2a:routing into the stack file.`,
        `/Pulumi.yaml: config["kagent-a2a:models"]: ${what} | Remove it, and write kagent-a2a:models into the stack file.`,
      ]);
    });
  });
});

describe("what is encrypted in a stack file", () => {
  const secure = "v1:csFWg00UqQBbOXwI:3x7tR+qUYVFpHD==";
  const what = "is encrypted, and what it holds would stand in plain in the plan, the state and the cluster.";
  const fix = "Write it in plain, without --secret; secret are apiKeys alone.";

  it("is refused elsewhere than in API keys, whole or in part, and not shown", () => {
    const text = stringify({
      config: {
        ...written((c) => {
          c.models.gpt.parameters = { baseUrl: { secure } };
          c.delegations.push({ secure });
        }),
        "kagent-a2a:platform": { secure },
      },
    });
    const sentences = sentencesOf(text);
    for (const where of ["models.gpt.parameters.baseUrl", "delegations[1]", "platform"])
      assert.ok(sentences.includes(`kagent-a2a:${where}: ${what} | ${fix}`), where);
    assert.ok(!refusal(text).includes(secure));
  });

  it("passes as API key, as map of a team's and as all of them", () => {
    for (const apiKeys of [{ "team-alpha": { gpt: { secure } } }, { "team-alpha": { secure } }, { secure }])
      assert.deepEqual(sentencesOf({ ...written(), "kagent-a2a:apiKeys": apiKeys }), []);
  });

  it("does not hide an API key in plain text beside it, which is refused and not shown", () => {
    const apiKeys = { "team-alpha": { gpt: { secure } }, "team-beta": { gpt: "sk-very-secret" } };
    const config = { ...written(), "kagent-a2a:apiKeys": apiKeys };
    assert.deepEqual(sentencesOf(config), [
      "kagent-a2a:apiKeys.team-beta.gpt: is an API key in plain text. | Remove it, treat it as known to others, and set a new one with `pulumi config set --secret --path`.",
    ]);
    assert.ok(!refusal(stringify({ config })).includes("sk-very-secret"));
  });
});

describe("problems of a stack file", () => {
  it("are reported together with those of what it says", () => {
    const text = readFileSync(join(__dirname, "../../../Pulumi.dev.yaml"), "utf8")
      .replace("kagent-a2a:delegations:", "delegations:")
      .replace("team-beta/specialist\n\n", "team-beta/nobody\n\n")
      .replace("      model: gpt\n", "      model: 2024-10-21\n");
    assert.equal(
      refusal(text),
      [
        "The stack configuration has 4 problems; nothing was deployed.",
        "  config.delegations: has no prefix: Pulumi deploys it, and who looks for the prefix does not see it.",
        "      Write it as kagent-a2a:delegations.",
        '  kagent-a2a:agents["team-alpha/orchestrator"].model: 2024-10-21 is a point in time to Pulumi, which reads YAML 1.1.',
        "      Write it in quotes.",
        '  kagent-a2a:agents["team-alpha/orchestrator"].model: there is no model "2024-10-21".',
        "      Define it below models, or use one of: gpt.",
        '  kagent-a2a:delegations[0].to: there is no agent "team-beta/nobody".',
        "      Add it, or use one of: team-alpha/orchestrator, team-beta/specialist.",
      ].join("\n"),
    );
  });
});
