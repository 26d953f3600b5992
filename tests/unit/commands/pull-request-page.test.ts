import * as assert from "node:assert/strict";
import { type Review, reviewPage, stackOf } from "../../../commands/pull-request-page";
import type { Step } from "../../../operations/steps";
import { readTopology } from "../../../topology";
import { devConfiguration } from "../../support/dev";

const topology = readTopology(devConfiguration());

const page = (review: Partial<Review>): string =>
  reviewPage({
    stack: "prod",
    before: topology,
    after: topology,
    withoutBase: [],
    steps: [],
    failures: [],
    refusals: [],
    notices: [],
    ...review,
  });

const step = (operation: string, name: string): Step => ({ operation, kind: "ConfigMap", name });

describe("the page of a pull request", () => {
  it("is of the stack whose file it reviews", () => {
    assert.equal(stackOf("stacks/Pulumi.prod-eu.yaml"), "prod-eu");
    assert.match(page({}), /^<!-- kagent-a2a pull-request prod -->\n## What this changes in stack prod\n/);
  });

  it("shows every exemption, also where nothing is refused", () => {
    assert.ok(page({}).includes("### Policies\nEvery rule holds.\n"));
    const exempted = "exempted: Namespace a from identity-default-deny until 2026-12-31 (the mesh moves)";
    const policies = `### Policies\nNothing is refused. To be known:\n\n- ${exempted}\n`;
    assert.ok(page({ notices: [exempted] }).includes(policies));
    const refused = page({ refusals: ["network-default-deny: it is open."], notices: [exempted] });
    assert.ok(refused.includes(`### Policies\n- network-default-deny: it is open.\n\n- ${exempted}\n`));
  });

  it("names what is done to each resource, and each replacement once", () => {
    const steps = [
      step("create-replacement", "a"),
      step("replace", "a"),
      step("delete-replaced", "a"),
      step("update", "c"),
      step("update", "b"),
      step("same", "d"),
    ];
    const [, preview = ""] = page({ steps }).split("### Preview\n");
    assert.deepEqual(preview.split("\n\n### Policies")[0]?.split("\n"), [
      "<details><summary>1 to replace</summary>",
      "",
      "- `ConfigMap a`",
      "",
      "</details>",
      "<details><summary>2 to update</summary>",
      "",
      "- `ConfigMap b`",
      "- `ConfigMap c`",
      "",
      "</details>",
      "",
      "1 unchanged.",
    ]);
  });

  it("shortens long lists of resources, since a comment holds only so much", () => {
    const steps = Array.from({ length: 5000 }, (_, index) => step("create", `object-${index}`));
    const text = page({ steps });
    assert.ok(text.length < 65_536);
    assert.ok(text.includes("<summary>5000 to create</summary>") && text.includes("- and 4900 more\n"));
  });

  it("says why a preview failed, where that is no rule", () => {
    const failed = { steps: undefined, failures: ["team-beta/x: denied by the API server"] };
    assert.ok(page(failed).includes("It failed:\n\n```text\nteam-beta/x: denied by the API server\n```\n"));
  });
});
