import assert from "node:assert/strict";
import { agentsPolicy } from "../../../components/layers/admission/agents";
import { namespacesPolicy } from "../../../components/layers/admission/namespaces";
import { REFUSALS } from "../../../verify/checks/admission";
import { junit } from "../../../verify/junit";
import { type CheckResult, EXIT, exitCode } from "../../../verify/result";
import { table, totals } from "../../../verify/table";
import { devTopology } from "../../support/dev";

const result = (status: CheckResult["status"], subject: string, detail = ""): CheckResult => ({
  layer: "network",
  check: "reachability",
  subject,
  status,
  detail,
});

describe("a report", () => {
  const results = [
    ...Array.from({ length: 20 }, (_, index) => result("pass", `cell ${index}`)),
    result("fail", "a -> b", 'open: <"policy">'),
    result("not answerable", "c", "needs nodes"),
  ];

  it("tells each failure and each open question, and long runs of passes by their number", () => {
    assert.deepEqual(table(results), [
      "network: reachability",
      "  ok   20 of 22",
      '  FAIL a -> b: open: <"policy">',
      "  ?    c: needs nodes",
    ]);
    assert.equal(totals(results), "20 passed, 1 failed, 1 not answerable here");
  });

  it("tells so many failures of one check, and how many more there are", () => {
    const many = Array.from({ length: 50 }, (_, index) => result("fail", `cell ${index}`));
    const lines = table(many);
    assert.equal(lines.length, 42);
    assert.equal(lines.at(-1), "  ...  and 10 more, which --json and --junit hold");
  });

  it("as JUnit counts them, and escapes what they say", () => {
    const text = junit(results);
    assert.match(text, /<testsuite name="network" tests="22" failures="1" skipped="1">/);
    assert.match(text, /<failure message="open: &lt;&quot;policy&quot;&gt;"\/>/);
    assert.match(text, /<skipped message="needs nodes"\/>/);
  });

  it("decides the exit code: an open question is no failure, and no failure is forgotten", () => {
    assert.equal(exitCode(results), EXIT.failed);
    assert.equal(exitCode(results.filter(({ status }) => status !== "fail")), EXIT.passed);
  });
});

describe("the refusals that verify expects", () => {
  const topology = devTopology();
  const messages = [agentsPolicy(topology), namespacesPolicy(topology)].flatMap(({ validations }) =>
    validations.map(({ message }) => message),
  );
  for (const [name, text] of Object.entries(REFUSALS))
    it(`are said by a rule: ${name}`, () =>
      assert.ok(
        messages.some((message) => message.includes(text)),
        text,
      ));
});
