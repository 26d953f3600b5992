/** The engine's side of CrossGuard: resources as it hands them to policies, and what these report. */
import assert from "node:assert/strict";
import type { PolicyResource, StackValidationArgs, StackValidationPolicy } from "@pulumi/policy";
import { EngineValue } from "../../../components/plan/manifest";
import { CrossGuardPack, type PackOptions } from "../../../policy-pack/framework/crossguard";
import { RULES } from "../../../policy-pack/rules/index";
import { type Loose, titleOf } from "./draft";

const { unknownCheckingProxy, unknownStringValue } = require("@pulumi/policy/proxy") as {
  unknownCheckingProxy(props: unknown): Loose;
  readonly unknownStringValue: string;
};
export const UNKNOWN = unknownStringValue;

/** Planned values of the engine are unknown to a preview, and texts afterwards. */
export function withEngineValues(part: unknown, value: (name: string) => string): unknown {
  if (part instanceof EngineValue) return value(part.name);
  if (Array.isArray(part)) return part.map((item) => withEngineValues(item, value));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, withEngineValues(item, value)]));
}

export function typeOf(manifest: Loose): string {
  const { apiVersion, kind } = manifest as { apiVersion: string; kind: string };
  return `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`;
}

/** Properties are wrapped as the engine wraps them: reading an unknown value throws. */
export function resourceOf(manifest: Loose, type = typeOf(manifest)): PolicyResource {
  const { apiVersion, ...release } = manifest;
  const props = apiVersion === "helm.sh/v3" ? release : manifest;
  return {
    type,
    props: unknownCheckingProxy(props),
    urn: `urn:pulumi:dev::kagent-a2a::${type}::${titleOf(manifest)}`,
    name: titleOf(manifest),
    opts: {},
    dependencies: [],
    propertyDependencies: {},
    isType: (known: { __pulumiType?: string }) => known.__pulumiType === type,
    asType: () => undefined,
  } as unknown as PolicyResource;
}

export interface PackRun {
  /** Messages by policy. */
  readonly reports: ReadonlyMap<string, readonly string[]>;
  readonly notApplicable: ReadonlySet<string>;
}

class NotApplicable extends Error {}

/** One run of the whole pack, as `analyze` for each resource and `analyzeStack` at the end make it. */
export function runPack(
  resources: readonly PolicyResource[],
  config: Loose = {},
  options: PackOptions = {},
): PackRun {
  const reports = new Map<string, string[]>();
  const notApplicable = new Set<string>();
  const policies = new CrossGuardPack(RULES, { isPreview: () => true, ...options }).policies();
  const call = (name: string, run: (args: object, report: (message: string) => void) => unknown) => {
    const args = {
      getConfig: () => (config[name] ?? {}) as object,
      stackTags: new Map(),
      notApplicable: () => {
        throw new NotApplicable();
      },
    };
    try {
      run(args, (message) => reports.set(name, [...(reports.get(name) ?? []), message]));
    } catch (error) {
      if (!(error instanceof NotApplicable)) throw error;
      notApplicable.add(name);
    }
  };
  for (const resource of resources)
    for (const policy of policies)
      if ("validateResource" in policy) {
        assert.ok(typeof policy.validateResource === "function");
        const { validateResource } = policy;
        call(policy.name, (args, report) => validateResource({ ...resource, ...args } as never, report));
      }
  for (const policy of policies)
    if ("validateStack" in policy) {
      const { validateStack } = policy as StackValidationPolicy;
      call(policy.name, (args, report) =>
        validateStack({ ...args, resources: [...resources] } as unknown as StackValidationArgs, report),
      );
    }
  return { reports, notApplicable };
}
