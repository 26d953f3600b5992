/** What a reviewer reads, from the command as the workflow runs it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Edit } from "../../support/dev";
import { devConfiguration } from "../../support/sandbox";

const root = join(__dirname, "../../..");

/** Valid, and refused by a rule: a host inside of the cluster. */
const refused: Edit = (c) => {
  c.models.gpt.egress = { hosts: ["models.corp.internal"] };
};
const withoutDelegations: Edit = (c) => {
  c.delegations = [];
};

describe("npm run pull-request", function () {
  this.timeout(300_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-pull-request-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function stackFile(name: string, edit: Edit): string {
    const configuration = devConfiguration();
    edit(configuration);
    const config = Object.entries(configuration).map(([key, value]) => [`kagent-a2a:${key}`, value]);
    const path = join(folder, name);
    writeFileSync(path, stringify({ config: Object.fromEntries(config) }, { compat: "yaml-1.1" }));
    return path;
  }

  function review(base: Edit, head: Edit): { status: number | null; page: string } {
    const out = join(folder, "comment.md");
    const files = ["--base", stackFile("base.yaml", base), "--head", stackFile("Pulumi.dev.yaml", head)];
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", join(root, "commands", "pull-request.ts"), ...files, "--out", out],
      { encoding: "utf8", cwd: root },
    );
    assert.doesNotMatch(stderr, /\n {4}at /);
    return { status, page: readFileSync(out, "utf8") };
  }

  it("names what a revoked delegation changes, and nothing else", () => {
    const { status, page } = review(() => {}, withoutDelegations);
    assert.equal(status, 0, page);
    assert.ok(page.includes("- removed delegation `team-alpha/orchestrator -> team-beta/specialist`"), page);
    const updated = /<summary>\d+ to update<\/summary>\n\n((?:- .*\n)+)/.exec(page)?.[1] ?? "";
    for (const title of ["Agent team-alpha/orchestrator", "AuthorizationPolicy team-beta/agent-specialist"])
      assert.ok(updated.includes(`- \`${title}\`\n`), page);
    assert.match(page, /\n\d+ unchanged\.\n/);
    assert.match(page, /### Policies\nEvery rule holds\.\n/);
  });

  it("lets pass what mends a stack that the rules refuse, and says that all of it shows as new", () => {
    const { status, page } = review(refused, () => {});
    assert.equal(status, 0, page);
    assert.match(page, /cannot be deployed any more.*\n\n```text\n[^`]*network-service-entries: /s);
    assert.match(page, /<summary>\d+ to create<\/summary>/);
    assert.match(
      page,
      /### Policies\nNothing is refused\. To be known:\n\n(- checked at up: token-[^\n]+\n)+/,
    );
  });

  it("refuses what breaks a rule, and names the rule once", () => {
    const { status, page } = review(() => {}, refused);
    assert.equal(status, 1);
    assert.match(page, /### Preview\nA policy refuses it\.\n/);
    assert.equal(page.split("ServiceEntry team-alpha/model-gpt").length - 1, 1, page);
  });
});
