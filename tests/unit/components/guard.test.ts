import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { holdToRules } from "../../../components/engine/guard";
import { plan } from "../../../components/plan/plan";
import { readTopology } from "../../../topology";
import { devConfiguration } from "../../support/dev";

describe("the program's own guard", () => {
  const variants = (["gateway", "direct"] as const).flatMap((routing) =>
    (["gatekeeper", "native"] as const).map((admission) => ({ routing, admission })),
  );

  for (const { routing, admission } of variants) {
    const topology = readTopology({ ...devConfiguration(), routing, admission });

    it(`lets the shipped plan pass (${routing}, ${admission})`, () => {
      holdToRules(plan(topology), topology);
    });

    it(`refuses a plan that lost an object, as a sentence without a stack trace (${routing}, ${admission})`, () => {
      const weakened = plan(topology).filter(({ key }) => !key.endsWith("/team-beta/allow-nothing"));
      assert.throws(
        () => holdToRules(weakened, topology),
        (error: Error) =>
          pulumi.RunError.isInstance(error) &&
          error.message.startsWith("The plan breaks rules of the policy pack; nothing was deployed.\n") &&
          error.message.includes("identity-default-deny: "),
      );
    });
  }

  describe("with an exemption", () => {
    const topology = readTopology(devConfiguration());
    const weakened = plan(topology).filter(({ key }) => !key.endsWith("/team-beta/allow-nothing"));
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "kagent-a2a-guard-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    /** What the program warns of; outside the engine the SDK writes it to the console. */
    function warningsOf(work: () => void): string[] {
      const warned: string[] = [];
      const { warn } = console;
      console.warn = (text: string) => warned.push(text.replace("warning: [runtime] ", ""));
      try {
        work();
      } finally {
        console.warn = warn;
      }
      return warned;
    }

    function exempted(until: Date): { file: string; what: string } {
      const file = join(folder, "config.json");
      const exemption = {
        rule: "identity-default-deny",
        resource: "Namespace team-beta",
        reason: "the mesh moves",
        until: until.toISOString().slice(0, 10),
      };
      writeFileSync(file, JSON.stringify({ exemptions: { exemptions: [exemption] } }));
      return { file, what: `Namespace team-beta from identity-default-deny until ${exemption.until}` };
    }

    it("lets pass what it covers, and warns of it", () => {
      const { file, what } = exempted(new Date());
      const warnings = warningsOf(() => holdToRules(weakened, topology, file));
      assert.deepEqual(warnings, [`exempted: ${what} (the mesh moves)`]);
    });

    it("refuses once it has ended, and says so", () => {
      const { file, what } = exempted(new Date(Date.now() - 2 * 86_400_000));
      const warnings = warningsOf(() =>
        assert.throws(() => holdToRules(weakened, topology, file), /identity-default-deny: /),
      );
      assert.deepEqual(warnings, [`exemption expired, the rule is enforced again: ${what} (the mesh moves)`]);
    });
  });
});
