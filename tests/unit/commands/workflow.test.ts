import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { failurePage } from "../../../commands/pull-request-page";
import { skipWithout } from "../../support/skip";

const root = join(__dirname, "../../..");
const file = join(root, ".github", "workflows", "preview.yml");

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly run?: string;
  readonly uses?: string;
}

/** What the steps call on GitHub's machines: it keeps the comments of one pull request in a file. */
const GH = `#!/usr/bin/env node
const { readFileSync, writeFileSync } = require("node:fs");
const file = process.env.COMMENTS;
const comments = JSON.parse(readFileSync(file, "utf8"));
const args = process.argv.slice(2);
const text = (path) => readFileSync(path, "utf8");
const [, known] = /comments\\/(\\d+)/.exec(args.join(" ")) ?? [];
if (args[0] === "pr") comments.push({ id: comments.length + 1, body: text(args[args.indexOf("--body-file") + 1]) });
else if (args.includes("PATCH")) comments[known - 1].body = text(args.at(-1).replace("body=@", ""));
else process.stdout.write(JSON.stringify(comments));
writeFileSync(file, JSON.stringify(comments));
`;

describe("the workflow for pull requests", () => {
  const text = readFileSync(file, "utf8");
  const { jobs } = parse(text) as { jobs: Record<string, { steps: Step[] }> };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const scriptOf = (title: string) => {
    const step = steps.find(({ id, name }) => title === id || title === name);
    assert.ok(step?.run !== undefined, title);
    return step.run;
  };

  /** By the schema that GitHub publishes, with every expression in it. */
  async function problemsOf(content: string): Promise<string[]> {
    const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import(
      "@actions/workflow-parser"
    );
    const { context, value } = parseWorkflow({ name: "preview.yml", content }, new NoOperationTraceWriter());
    if (value !== undefined) await convertWorkflowTemplate(context, value);
    return context.errors.getErrors().map(({ message }) => message);
  }

  it("is one as GitHub's schema has it", async () => {
    assert.deepEqual(await problemsOf(text), []);
    const broken = text.replace("runs-on", "runs_on").replace("matrix.file", "matix.file");
    const problems = (await problemsOf(broken)).join("\n");
    assert.match(problems, /Unexpected value 'runs_on'/);
    assert.match(problems, /Unrecognized named-value: 'matix'/);
  });

  it("runs only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const called = steps.flatMap(({ run = "" }) =>
      [...run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = ""]) => name),
    );
    assert.deepEqual(called, ["pull-request"]);
    assert.ok(called.every((name) => name in scripts));
  });

  it("puts nothing of a pull request into a shell command, and names a version of each action", () => {
    for (const { run = "", uses } of steps) {
      assert.doesNotMatch(run, /\$\{\{/);
      if (uses !== undefined) assert.match(uses, /@v\d+$/);
    }
  });

  describe("in its shell", () => {
    let folder: string;
    before(function () {
      for (const program of ["bash", "jq"])
        if (spawnSync(program, ["--version"]).error !== undefined)
          skipWithout(this, `${program} is not installed`);
    });
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "kagent-a2a-workflow-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    /** As GitHub runs it. */
    function runStep(title: string, env: Record<string, string>): void {
      const { status, stderr } = spawnSync("bash", ["-e", "-o", "pipefail", "-c", scriptOf(title)], {
        encoding: "utf8",
        cwd: root,
        env: { ...process.env, ...env, PATH: `${folder}${delimiter}${process.env.PATH}` },
      });
      assert.equal(status, 0, stderr);
    }

    it("previews every stack file", () => {
      const output = join(folder, "output");
      runStep("list", { GITHUB_OUTPUT: output });
      const [, files = ""] = /^files=(.*)$/m.exec(readFileSync(output, "utf8")) ?? [];
      assert.deepEqual(
        JSON.parse(files),
        readdirSync(root)
          .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
          .sort(),
      );
    });

    it("keeps one comment for each stack, and leaves those of others alone", () => {
      const comments = join(folder, "comments.json");
      writeFileSync(comments, JSON.stringify([{ id: 1, body: "Looks good." }]));
      writeFileSync(join(folder, "gh"), GH);
      chmodSync(join(folder, "gh"), 0o755);
      for (const [stack, message] of [
        ["prod", "first"],
        ["prod-eu", "first"],
        ["prod", "second"],
      ] as const) {
        writeFileSync(join(folder, "comment.md"), failurePage(stack, message));
        runStep("Comment", {
          RUNNER_TEMP: folder,
          COMMENTS: comments,
          NUMBER: "7",
          GITHUB_REPOSITORY: "team/stacks",
        });
      }
      const bodies = (JSON.parse(readFileSync(comments, "utf8")) as { body: string }[]).map(
        ({ body }) => body,
      );
      assert.deepEqual(bodies, [
        "Looks good.",
        failurePage("prod", "second"),
        failurePage("prod-eu", "first"),
      ]);
    });
  });
});
