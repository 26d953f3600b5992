import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { requiredGo } from "../../../sandbox/crds/files";
import { sources } from "../../../sandbox/crds/groups";
import * as structural from "../../../sandbox/crds/structural";
import { compareCrds } from "../../support/crds/comparison";
import { noRealCrds, realCrds } from "../../support/crds/real";

const standIns = [...(sources.kagent.structural ?? []), ...(sources["external-secrets"].structural ?? [])];

describe("sources of CRDs", () => {
  const builds = join(__dirname, "../../../sandbox/builds/crds");

  for (const [group, source] of Object.entries(sources)) {
    it(`pins ${group}`, () => {
      assert.equal(source.tag, `v${source.version}`);
      if (source.goModule === undefined) {
        assert.ok(source.structural, "without a Go module there must be a stand-in");
        return;
      }
      const goMod = readFileSync(join(builds, "go.mod"), "utf8");
      assert.ok(goMod.includes(`\t${source.goModule} ${source.tag}\n`), "go.mod names another version");
      const goSum = readFileSync(join(builds, "go.sum"), "utf8");
      assert.ok(goSum.includes(`${source.goModule} ${source.tag} h1:`), "go.sum lacks the module's hash");
      for (const [file, sha256] of Object.entries(source.files))
        assert.match(sha256 ?? "", /^[0-9a-f]{64}$/, file);
    });
  }

  it("names the Go that it needs", () => {
    assert.ok(readFileSync(join(builds, "go.mod"), "utf8").includes(`\ngo ${requiredGo}.`));
  });

  it("has a stand-in for every file that nothing pins", () => {
    for (const { files, structural = [] } of [sources.kagent, sources["external-secrets"]]) {
      const named = structural.map(
        ({ metadata: { name }, spec }) => `${spec.group}_${name.split(".")[0]}.yaml`,
      );
      assert.deepEqual(named.sort(), Object.keys(files).sort());
    }
  });
});

const real = realCrds();
(real ? describe : describe.skip)(`stand-in CRDs${real ? "" : ` (skipped: ${noRealCrds})`}`, () => {
  for (const crd of standIns) {
    const official = real?.get(crd.metadata.name);
    const title = `${crd.spec.names.kind} takes and refuses what the official one does`;
    if (official === undefined) {
      it.skip(`${title} (skipped: the test data has no ${crd.metadata.name})`);
      continue;
    }
    it(title, () => {
      assert.deepEqual(compareCrds(crd, official).differences, []);
    });
  }

  it("look less closely only at deep parts of pods, at v1alpha1, and at providers nobody here writes", () => {
    const allowed = [
      /^v1alpha1\.(spec|status)$/,
      /^v1alpha2\.spec\.(byo|declarative)\.deployment\.affinity\.(node|pod|podAnti)Affinity$/,
      /^v1alpha2\.spec\.(byo|declarative)\.deployment\.(extraContainers|volumes)\[\]$/,
      /^v1\.spec\.provider\.(?!vault$|kubernetes$|aws$|fake$)\w+$/,
      /^v1\.spec\.provider\.vault\.auth\.(cert|gcp|iam)$/,
    ];
    for (const crd of standIns) {
      const official = real?.get(crd.metadata.name);
      const { open } = official ? compareCrds(crd, official) : { open: [] };
      assert.deepEqual(
        open.filter((path) => !allowed.some((pattern) => pattern.test(path))),
        [],
        crd.metadata.name,
      );
    }
  });

  it("are told apart when anything that matters differs", () => {
    const official = structuredClone(real?.get("agents.kagent.dev"));
    assert.ok(official);
    const text = JSON.stringify(official);
    const changes: [from: string, to: string, difference: RegExp][] = [
      ['"maxItems":20,"type":"array"', '"maxItems":21,"type":"array"', /maxItems/],
      ['"enum":["python","go"]', '"enum":["python"]', /runtime: enum: only here: go/],
      ['"rule":"has(self.type)"', '"rule":"true"', /rules: only here/],
      ['"executeCodeBlocks"', '"executeCode"', /executeCodeBlocks: only here/],
      ['"required":["modelConfig"]', '"required":["ttlDays"]', /memory: required/],
    ];
    for (const [from, to, difference] of changes) {
      assert.ok(text.includes(from), from);
      const changed = JSON.parse(text.replaceAll(from, to)) as typeof official;
      const { differences } = compareCrds(structural.agent, changed);
      assert.ok(
        differences.some((one) => difference.test(one)),
        `${from}: ${differences.join("\n")}`,
      );
    }
  });
});
