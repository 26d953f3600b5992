import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { isRelease } from "../../../components/plan/manifest";
import { plan } from "../../../components/plan/plan";
import { releases } from "../../../components/platform";
import { readStackFile, readTopology } from "../../../topology";
import { configurationDocument } from "../../../topology/document";

const root = join(__dirname, "../../..");
const dev = join(root, "Pulumi.dev.yaml");

/** A command as a user runs it, without npm around it. */
function command(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(root, "commands", `${name}.ts`), ...args],
    { encoding: "utf8", cwd: root },
  );
  return { status, stdout, stderr };
}

function filesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
  );
}

describe("npm run versions", () => {
  it("prints each chart with its version, origin, range and reason", () => {
    const { status, stdout } = command("versions", "--offline");
    assert.equal(status, 0);
    for (const { chart, version, repository } of releases(readTopology(readStackFile(dev)))) {
      const from = stdout.split("\n").indexOf(`${chart} ${version}`);
      assert.ok(from >= 0, chart);
      assert.deepEqual(stdout.split("\n").slice(from + 1, from + 3), [
        `  from ${repository}`,
        "  Kubernetes 1.33 to 1.36; not asked what is newer",
      ]);
    }
  });
});

describe("npm run render", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-render-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("writes every planned object once, the same bytes each time, and the audit policy apart", () => {
    const [first, second] = ["one", "two"].map((name) => {
      const out = join(folder, name);
      assert.equal(command("render", "--stack", "dev", "--out", out).status, 0);
      return filesOf(out);
    });
    assert.deepEqual(first, second);
    const objects = [...(first ?? [])]
      .filter(([path]) => path.startsWith("manifests/"))
      .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as { kind: string }));
    const planned = plan(readTopology(readStackFile(dev)));
    const releases = planned.filter(({ manifest }) => isRelease(manifest));
    assert.equal(objects.length, planned.length - releases.length);
    for (const { manifest } of releases) {
      const { name } = manifest.metadata;
      const [command = ""] = (first?.get(`releases/${name}.yaml`) ?? "").split("\n");
      assert.ok(command.startsWith(`# helm upgrade --install ${name} `), command);
      assert.ok(command.includes(`--version ${manifest.version} --namespace ${manifest.metadata.namespace}`));
    }
    assert.ok(!objects.some(({ kind }) => kind === "Policy"), "the audit policy stands among the manifests");
    assert.match(first?.get("audit/policy.yaml") ?? "", /kind: Policy/);
  });

  it("replaces what it wrote before, and nothing else", () => {
    const out = join(folder, "out");
    assert.equal(command("render", "--out", out).status, 0);
    writeFileSync(join(out, "manifests", "stale.yaml"), "");
    writeFileSync(join(out, "mine.txt"), "mine");
    assert.equal(command("render", "--out", out).status, 0);
    assert.ok(!existsSync(join(out, "manifests", "stale.yaml")));
    assert.ok(existsSync(join(out, "mine.txt")));
  });

  it("refuses a folder with files of others", () => {
    writeFileSync(join(folder, "mine.txt"), "mine");
    const { status, stderr } = command("render", "--out", folder);
    assert.equal(status, 1);
    assert.ok(
      stderr.endsWith(
        `${folder}: the folder holds files that this command did not write.\nName an empty or a new folder with --out.\n`,
      ),
    );
    assert.deepEqual([...filesOf(folder).keys()], ["mine.txt"]);
  });

  it("says what is wrong with a stack file, without a stack trace", () => {
    const file = join(folder, "Pulumi.bad.yaml");
    writeFileSync(file, "config:\n  kagent-a2a:tenants: {}\n  kagent-a2a:rooting: direct\n");
    const { status, stderr } = command("render", "--config", file, "--out", join(folder, "out"));
    assert.equal(status, 1);
    assert.match(stderr, /kagent-a2a:rooting: there is no such key\./);
    assert.match(stderr, /kagent-a2a:tenants: the topology is empty: there is no tenant\./);
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.ok(!existsSync(join(folder, "out")));
  });

  it("writes nothing of a plan that breaks rules, and says which", () => {
    const file = join(folder, "Pulumi.bad.yaml");
    const mirror = "    gateway: { repository: oci://unknown.example.org/charts }\n";
    writeFileSync(file, readFileSync(dev, "utf8") + mirror);
    const { status, stderr } = command("render", "--config", file, "--out", join(folder, "out"));
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^The plan breaks rules of the policy pack; nothing was written\.\n {2}supply-chain-known-repository: Release kagent\/a2a-gateway \(helm\.sh\/v3\), chart: /,
    );
    assert.doesNotMatch(stderr, /\n {4}at /);
    assert.ok(!existsSync(join(folder, "out")));
  });

  for (const [what, text, message] of [
    ["no YAML", "config: [", /Pulumi\.bad\.yaml: /],
    ["no configuration", "a: 1\n", /has no `config`\./],
  ] as const)
    it(`says when a stack file has ${what}`, () => {
      const file = join(folder, "Pulumi.bad.yaml");
      writeFileSync(file, text);
      const { status, stderr } = command("render", "--config", file, "--out", join(folder, "out"));
      assert.equal(status, 1);
      assert.match(stderr, message);
    });
});

describe("documentation", () => {
  it("explains every key of the configuration as the schema has it", () => {
    const page = readFileSync(join(root, "docs", "configuration.md"), "utf8");
    assert.equal(page, configurationDocument(), "run `npm run docs`");
    assert.ok(!/\| {2}\|$/m.test(page), "a key has no description");
  });

  it("has a line in the README for every command", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const spoken = (name: string) => new RegExp(`(npm (run )?|\\\\|)${name}\\b`).test(readme);
    const inner = ["lint", "format", "typecheck"];
    const silent = Object.keys(scripts).filter((name) => !inner.includes(name) && !spoken(name));
    assert.deepEqual(silent, []);
  });
});

describe("the workflow for pull requests", () => {
  const text = readFileSync(join(root, ".github", "workflows", "preview.yml"), "utf8");
  interface Step {
    readonly run?: string;
    readonly uses?: string;
  }
  const { jobs } = parse(text) as { jobs: Record<string, { steps: Step[] }> };
  const steps = Object.values(jobs).flatMap((job) => job.steps);

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
});

describe("every command", () => {
  for (const name of ["render", "docs", "operate", "pull-request", "versions"])
    it(`${name} explains itself`, () => {
      const { status, stdout } = command(name, "--help");
      assert.equal(status, 0);
      assert.match(stdout, /^Usage: /);
    });

  it("refuses an option that it does not know", () => {
    assert.equal(command("render", "--outt", "x").status, 1);
  });

  it("says that the Pulumi CLI is missing", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", join(root, "commands", "operate.ts"), "preview", "--stack", "dev"],
      { encoding: "utf8", cwd: root, env: { ...process.env, PATH: "/nowhere", HOME: "/nowhere" } },
    );
    assert.equal(status, 1);
    assert.ok(stderr.includes("The Pulumi CLI is not on the PATH.\n"), stderr);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });
});
