import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
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

describe("npm run pull-request", () => {
  it("tells the reviewer, too, what is wrong with a stack file", () => {
    const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-pull-request-"));
    try {
      const [head, out] = [join(folder, "Pulumi.prod.yaml"), join(folder, "comment.md")];
      writeFileSync(head, "config:\n  kagent-a2a:rooting: direct\n");
      const { status, stderr } = command("pull-request", "--base", dev, "--head", head, "--out", out);
      assert.equal(status, 1);
      const page = readFileSync(out, "utf8");
      assert.match(page, /^<!-- kagent-a2a pull-request prod -->\n## What this changes in stack prod\n/);
      for (const text of [page, stderr]) assert.match(text, /kagent-a2a:rooting: there is no such key\./);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("documentation", () => {
  it("explains every key of the configuration as the schema has it", () => {
    const page = readFileSync(join(root, "docs", "configuration.md"), "utf8");
    assert.equal(page, configurationDocument(), "run `npm run docs`");
    assert.ok(!/\| {2}\|$/m.test(page), "a key has no description");
  });
});

describe("every command", () => {
  it("refuses an option that it does not know", () => {
    assert.equal(command("render", "--outt", "x").status, 1);
  });

  it("asks before it changes anything, and says when nobody can answer", () => {
    const { status, stderr } = command("operate", "destroy", "--stack", "dev");
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "destroy asks before it changes anything, and nobody can answer here.\nAdd --yes.\n",
    );
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
