import * as pulumi from "@pulumi/pulumi";
import { policyPack } from "../../policy-pack/attach";
import { readConfiguration } from "../../policy-pack/configuration";
import { planned } from "../../policy-pack/framework/manifests";
import { describeRefusal, verdict } from "../../policy-pack/verdict";
import type { Topology } from "../../topology/index";
import { auditPolicy } from "../layers/audit";
import { EngineValue } from "../plan/manifest";
import type { PlannedObject } from "../plan/plan";

/** What the rules of the policy pack refuse in a plan, in sentences; empty when every rule holds. */
export function refusalsOf(objects: readonly PlannedObject[], topology: Topology): string[] {
  const manifests = planned([...objects.map(({ manifest }) => manifest), auditPolicy(topology)]);
  const { refusals, problems } = verdict(manifests, {
    exemptions: readConfiguration(policyPack.configFile),
    isEngineValue: (value) => value instanceof EngineValue,
  });
  return [...problems, ...refusals.map(describeRefusal)];
}

/**
 * Holds the plan to the rules of the policy pack before anything is registered: a program cannot see whether the pack is attached,
 * and who types `pulumi up` by hand is to be protected too. Exemptions are those of the pack's configuration.
 * @throws pulumi.RunError with everything that is refused
 */
export function holdToRules(objects: readonly PlannedObject[], topology: Topology): void {
  const reasons = refusalsOf(objects, topology);
  if (reasons.length === 0) return;
  throw new pulumi.RunError(
    [
      "The plan breaks rules of the policy pack; nothing was deployed.",
      ...reasons.map((reason) => `  ${reason}`),
    ].join("\n"),
  );
}
