import * as assert from "node:assert/strict";
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
});
