import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { policyPack } from "../../policy-pack/attach";
import { EXEMPTIONS_POLICY } from "../../policy-pack/framework/crossguard";
import { ExemptionBook, readExemptions } from "../../policy-pack/framework/exemptions";
import { describeFinding } from "../../policy-pack/framework/finding";
import { evaluate, planned } from "../../policy-pack/framework/manifests";
import { RULES } from "../../policy-pack/rules/index";
import type { Topology } from "../../topology/index";
import { auditPolicy } from "../layers/audit";
import { EngineValue } from "../plan/manifest";
import type { PlannedObject } from "../plan/plan";

/**
 * Holds the plan to the rules of the policy pack before anything is registered: a program cannot see whether the pack is attached,
 * and who types `pulumi up` by hand is to be protected too. Exemptions are those of the pack's configuration.
 * @throws pulumi.RunError with every finding
 */
export function holdToRules(objects: readonly PlannedObject[], topology: Topology): void {
  const results = evaluate(
    RULES,
    planned([...objects.map(({ manifest }) => manifest), auditPolicy(topology)]),
    {
      isEngineValue: (value) => value instanceof EngineValue,
    },
  );
  const book = exemptions();
  const findings = results.flatMap(({ rule, findings }) =>
    findings
      .filter(({ object }) => !book.covers(rule.name, object))
      .map((finding) => `  [${rule.name}] ${describeFinding(finding)}`),
  );
  if (findings.length === 0) return;
  throw new pulumi.RunError(
    ["The plan breaks rules of the policy pack; nothing was deployed.", ...findings].join("\n"),
  );
}

function exemptions(): ExemptionBook {
  const config = JSON.parse(readFileSync(policyPack.configFile, "utf8")) as Record<
    string,
    { exemptions?: unknown }
  >;
  const now = new Date();
  const names = new Set(RULES.map(({ name }) => name));
  return new ExemptionBook(readExemptions(config[EXEMPTIONS_POLICY]?.exemptions, names, now).valid, now);
}
