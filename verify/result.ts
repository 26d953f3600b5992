import { LAYERS } from "../components/plan/manifest";

/** What a check comes to. */
export type Status = "pass" | "fail" | "not answerable";

/** The layers of the plan, and what is verified beyond its objects. */
export const VERIFY_LAYERS = [
  "stack",
  ...LAYERS,
  "reconciler",
  "audit",
  "pod-security",
  "routing",
  "delegation",
  "agreement",
] as const;
export type VerifyLayer = (typeof VERIFY_LAYERS)[number];

export interface CheckResult {
  readonly layer: VerifyLayer;
  /** What was checked, for people; the same words every time. */
  readonly check: string;
  /** What it was checked on: a delegation, an agent, an object. */
  readonly subject: string;
  readonly status: Status;
  /** What was found; with `not answerable`, what it would need. */
  readonly detail: string;
}

export const EXIT = { passed: 0, failed: 1, couldNotRun: 2 } as const;

export function exitCode(results: readonly CheckResult[]): number {
  return results.some(({ status }) => status === "fail") ? EXIT.failed : EXIT.passed;
}
