import * as assert from "node:assert/strict";
import { explained } from "../../../operations/explain";

/** As helm, the Kubernetes provider 4.34 and the engine say it. */
const CASES: readonly [name: string, message: string, advice: RegExp][] = [
  [
    "a release that was left in the middle",
    "another operation (install/upgrade/rollback) is in progress",
    /"When a run was cut off", says how to free it\.$/,
  ],
  [
    "a version that is not there",
    'chart "istiod" version "9.9.9" not found in https://example.com repository; check the chart name and repository configuration.',
    /The chart cannot be fetched: .*`npm run versions`/,
  ],
  [
    "a repository that cannot be reached",
    'looks like "https://charts.example.com" is not a valid chart repository or cannot be reached: dial tcp: lookup charts.example.com: no such host',
    /The chart cannot be fetched/,
  ],
  [
    "a protected resource",
    'resource "urn:pulumi:prod::kagent-a2a::..." cannot be deleted\nbecause it is protected.',
    /run that command, and destroy again\.$/,
  ],
];

describe("an error of the engine or of helm", () => {
  for (const [name, message, advice] of CASES)
    it(`says what to do: ${name}`, () => {
      const text = explained(message);
      assert.ok(text.startsWith(`${message}\n`));
      assert.match(text, advice);
      assert.equal(text.slice(message.length).trim().split("\n").length, 1, "one piece of advice");
    });

  it("that knows no host is no problem of a chart", () => {
    const message =
      'Get "https://api.prod.example.com/version": dial tcp: lookup api.prod.example.com: no such host';
    assert.equal(explained(message), message);
  });

  it("that needs no explanation stays as it is", () => {
    assert.equal(explained("the namespace is being deleted"), "the namespace is being deleted");
  });
});
