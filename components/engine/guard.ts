import * as pulumi from "@pulumi/pulumi";
import { policyPack } from "../../policy-pack/attach";
import { readConfiguration } from "../../policy-pack/configuration";
import { planned } from "../../policy-pack/framework/manifests";
import { describeRefusal, verdict } from "../../policy-pack/verdict";
import type { Topology } from "../../topology/index";
import { auditPolicy } from "../layers/audit";
import { EngineValue } from "../plan/manifest";
import type { PlannedObject } from "../plan/plan";

/** What the rules of the policy pack say of a plan, in sentences. */
export interface PlanVerdict {
  /** Empty when every rule holds. */
  readonly refusals: readonly string[];
  /** Exemptions, used, unused and expired: to be printed every time. */
  readonly exemptions: readonly string[];
}

/** @param configFile the pack's configuration, which holds the exemptions */
export function verdictOn(
  objects: readonly PlannedObject[],
  topology: Topology,
  configFile = policyPack.configFile,
): PlanVerdict {
  const manifests = planned([...objects.map(({ manifest }) => manifest), auditPolicy(topology)]);
  const { refusals, problems, notices } = verdict(manifests, {
    exemptions: readConfiguration(configFile),
    isEngineValue: (value) => value instanceof EngineValue,
  });
  return {
    refusals: [...problems, ...refusals.map(describeRefusal)],
    // What is left to `up` only the engine can tell: to a plan every key is unknown, also one that exists.
    exemptions: notices.filter((notice) => !notice.startsWith(LEFT_TO_UP)),
  };
}

export const LEFT_TO_UP = "checked at up: ";

export const refusalsOf = (objects: readonly PlannedObject[], topology: Topology): readonly string[] =>
  verdictOn(objects, topology).refusals;

/**
 * Holds the plan to the rules of the policy pack before anything is registered: a program cannot see whether the pack is attached,
 * and who types `pulumi up` by hand is to be protected too. Exemptions are those of the pack's configuration, and are warned of.
 * @throws pulumi.RunError with everything that is refused
 */
export function holdToRules(
  objects: readonly PlannedObject[],
  topology: Topology,
  configFile?: string,
): void {
  const { refusals, exemptions } = verdictOn(objects, topology, configFile);
  for (const exemption of exemptions) void pulumi.log.warn(exemption);
  if (refusals.length === 0) return;
  throw new pulumi.RunError(
    [
      "The plan breaks rules of the policy pack; nothing was deployed.",
      ...refusals.map((reason) => `  ${reason}`),
    ].join("\n"),
  );
}
