/** Rules over plain manifests: planned by a program, rendered to files, or written by anyone. */
import { evaluateRule, type RuleResult } from "./evaluate";
import type { RawObject } from "./object";
import type { Rule } from "./rule";
import { StackIndex } from "./stack-index";

/** What rendering writes in the place of a value that only the engine knows. */
const RENDERED_ENGINE_VALUE = /^<known to the engine only: .+>$/;
export const isRenderedEngineValue = (value: unknown): boolean =>
  typeof value === "string" && RENDERED_ENGINE_VALUE.test(value);

export interface EvaluateOptions {
  /** Tells values that only the engine knows. Default: the marker that rendering writes. */
  readonly isEngineValue?: (value: unknown) => boolean;
}

export function evaluate(
  rules: readonly Rule[],
  objects: Iterable<RawObject>,
  { isEngineValue = isRenderedEngineValue }: EvaluateOptions = {},
): RuleResult[] {
  const stack = new StackIndex(objects, isEngineValue);
  return rules.map((rule) => evaluateRule(rule, stack));
}

/** Manifests that come from a program's own plan, which has no files. */
export const planned = (manifests: Iterable<unknown>): RawObject[] =>
  [...manifests].map((value) => ({ value, origin: {} }));
