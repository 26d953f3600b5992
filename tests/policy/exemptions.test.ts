import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyPack } from "../../policy-pack/attach";
import { readConfiguration } from "../../policy-pack/configuration";
import { planned } from "../../policy-pack/framework/manifests";
import { verdict } from "../../policy-pack/verdict";
import { Draft, type Loose } from "./support/draft";
import { resourceOf, runPack, withEngineValues } from "./support/engine";
import { shipped } from "./support/stacks";

const NOW = new Date("2026-11-24T12:00:00Z");
const RULE = "network-service-entries";
const ENTRY = "ServiceEntry team-alpha/model-gpt";
const exemption = (changes: Loose = {}): Loose => ({
  rule: RULE,
  resource: ENTRY,
  reason: "plain HTTP until its certificate is renewed",
  until: "2026-11-24",
  ...changes,
});
const violating = () => new Draft(shipped()).set(ENTRY, "spec.ports[0].protocol", "HTTP").manifests;
const FINDING = `${ENTRY} (networking.istio.io/v1), spec.ports[0].protocol: must be TLS.`;

describe("exemptions", () => {
  const run = (exemptions: unknown, now = NOW) =>
    runPack(
      violating().map((object) => resourceOf(withEngineValues(object, () => "made-up") as Loose)),
      { exemptions: { exemptions } },
      { now: () => now },
    ).reports;

  it("are needed for a violation to pass", () => {
    assert.deepEqual(run([]).get(RULE), [FINDING]);
  });

  it("let one resource off one rule, and are printed", () => {
    const reports = run([exemption()]);
    assert.equal(reports.get(RULE), undefined);
    assert.equal(
      reports.get("notices")?.[0],
      `exempted: ${ENTRY} from ${RULE} until 2026-11-24 (plain HTTP until its certificate is renewed)`,
    );
  });

  it("end after their last day, in UTC", () => {
    assert.equal(run([exemption()], new Date("2026-11-24T23:59:59Z")).get(RULE), undefined);
    const reports = run([exemption()], new Date("2026-11-25T00:00:00Z"));
    assert.deepEqual(reports.get(RULE), [FINDING]);
    assert.equal(
      reports.get("notices")?.[0],
      `exemption expired, the rule is enforced again: ${ENTRY} from ${RULE} until 2026-11-24 (plain HTTP until its certificate is renewed)`,
    );
  });

  it("that nothing needs are named", () => {
    const reports = run([exemption({ resource: "ServiceEntry team-gamma/model-gpt" })]);
    assert.deepEqual(reports.get(RULE), [FINDING]);
    assert.match(
      reports.get("notices")?.[0] ?? "",
      /^exemption without a use, remove it: ServiceEntry team-gamma/,
    );
  });

  for (const [what, given, problems] of [
    [
      "a rule that does not exist",
      [exemption({ rule: "network-open" })],
      ['exemptions[0].rule: there is no rule "network-open"; docs/policies.md lists them.'],
    ],
    [
      "no reason",
      [exemption({ reason: " " })],
      ["exemptions[0].reason is missing: write a text that is not empty."],
    ],
    [
      "a date that is none",
      [exemption({ until: "2026-02-31" })],
      ["exemptions[0].until must be a date such as 2026-12-31."],
    ],
    [
      "for ever",
      [exemption({ until: "2099-01-01" })],
      ["exemptions[0].until is more than 366 days away: choose a day on which it is looked at again."],
    ],
    [
      "another key",
      [exemption({ enforcement: "advisory" })],
      ["exemptions[0].enforcement: there is no such key; the keys are rule, resource, reason, until, group."],
    ],
    ...["networking.istio.io/v1", 7].map(
      (group) =>
        [
          `a group that is none: ${group}`,
          [exemption({ group })],
          [
            'exemptions[0].group must be an API group without a version, such as networking.istio.io, or "" for the core group.',
          ],
        ] as const,
    ),
    ["no map", ["all"], ["exemptions[0] must be a map of rule, resource, reason and until."]],
    ["no list", { rule: RULE }, ["exemptions must be a list of {rule, resource, reason, until}."]],
  ] as const)
    it(`refuse the deployment when they cannot be understood: ${what}`, () => {
      const reports = run(given);
      assert.deepEqual(reports.get("exemptions"), problems);
      assert.deepEqual(reports.get(RULE), [FINDING]);
    });

  describe("from what is called like an object of another API group", () => {
    const GROUP = "networking.istio.io";
    const both = (exemptions: unknown) => {
      const other = {
        apiVersion: "networking.internal.knative.dev/v1alpha1",
        kind: "ServiceEntry",
        metadata: { namespace: "team-alpha", name: "model-gpt" },
      };
      const { reports } = runPack(
        [...violating(), other].map((object) =>
          resourceOf(withEngineValues(object, () => "made-up") as Loose),
        ),
        { exemptions: { exemptions } },
        { now: () => NOW },
      );
      return { found: reports.get(RULE), notices: reports.get("notices") ?? [] };
    };
    const why = "until 2026-11-24 (plain HTTP until its certificate is renewed)";

    it("exempt nothing until they say which they mean, and the finding says how", () => {
      const { found, notices } = both([exemption()]);
      assert.deepEqual(found, [
        `${FINDING} The stack has another of this name in networking.internal.knative.dev: an exemption counts once it says "group": "${GROUP}".`,
      ]);
      assert.equal(
        notices[0],
        `exemption without an effect until it says its group: ${ENTRY} from ${RULE} ${why}`,
      );
    });

    it("count when they say it, beside one for the other", () => {
      const { found, notices } = both([
        exemption({ group: "networking.internal.knative.dev" }),
        exemption({ group: GROUP }),
      ]);
      assert.equal(found, undefined);
      assert.deepEqual(notices.slice(0, 2), [
        `exemption without a use, remove it: ${ENTRY} (networking.internal.knative.dev) from ${RULE} ${why}`,
        `exempted: ${ENTRY} (${GROUP}) from ${RULE} ${why}`,
      ]);
    });

    it("do not count for another group, though the stack has one alone", () => {
      const reports = run([exemption({ group: "" })]);
      assert.deepEqual(reports.get(RULE), [FINDING]);
      assert.equal(
        reports.get("notices")?.[0],
        `exemption without a use, remove it: ${ENTRY} (the core group) from ${RULE} ${why}`,
      );
      assert.equal(run([exemption({ group: GROUP })]).get(RULE), undefined);
    });
  });

  it("do not hide what a rule could not come to", () => {
    const stack = new Draft(shipped())
      .add({ apiVersion: "v1", kind: "ConfigMap", metadata: ["odd"] })
      .set("Namespace team-alpha", "metadata.labels", ["odd"]);
    const exempt = (rule: string, resource: string) => {
      const found = verdict(planned(stack.manifests), {
        exemptions: { valid: [exemption({ rule, resource }) as never], problems: [] },
        now: NOW,
      });
      return found.refusals.filter((refusal) => refusal.rule.name === rule).length;
    };
    assert.ok(exempt("secrets-no-key-material", "ConfigMap without name") > 0);
    assert.ok(exempt("network-default-deny", "Namespace team-alpha") > 0);
  });

  it("hold for plain manifests, too", () => {
    const exemptions = { valid: [exemption() as never], problems: [] };
    const found = verdict(planned(violating()), {
      exemptions,
      now: NOW,
      isEngineValue: (value) => value !== null && typeof value === "object" && "isSecret" in value,
    });
    assert.deepEqual(found.refusals, []);
    assert.match(found.notices[0] ?? "", /^exempted: ServiceEntry team-alpha\/model-gpt/);
  });
});

describe("the configuration file", () => {
  const folder = mkdtempSync(join(tmpdir(), "kagent-a2a-pack-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const read = (text: string) => {
    const file = join(folder, "config.json");
    writeFileSync(file, text);
    return readConfiguration(file, NOW).problems.map((problem) => problem.replace(file, "config.json"));
  };

  it("that ships exempts nothing", () => {
    assert.deepEqual(readConfiguration(policyPack.configFile), { valid: [], problems: [] });
  });

  it("switches no rule off", () => {
    assert.deepEqual(read(`{"all": "advisory", "${RULE}": {"enforcementLevel": "disabled"}}`), [
      'config.json: "all" is not to be configured. Rules are mandatory; what must be let through is an exemption.',
      `config.json: "${RULE}" is not to be configured. Rules are mandatory; what must be let through is an exemption.`,
    ]);
    assert.deepEqual(read('{"exemptions": {"enforcementLevel": "disabled"}}'), [
      "config.json: exemptions.enforcementLevel is not to be configured.",
    ]);
  });

  it("says what is wrong with it", () => {
    assert.deepEqual(read("exemptions: []"), ["config.json is no JSON."]);
    assert.deepEqual(read("[]"), ["config.json must be a map."]);
    for (const exemptions of ['"x"', "[]", "7"])
      assert.deepEqual(read(`{"exemptions": ${exemptions}}`), [
        "config.json: exemptions must be a map with the list exemptions.",
      ]);
    assert.deepEqual(readConfiguration("nowhere.json").problems, ["nowhere.json is not there."]);
  });
});
