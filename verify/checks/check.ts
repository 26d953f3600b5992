/** What a check is given, and what it gives back. */
import type { PlannedObject } from "../../components/plan/plan";
import type { Topology } from "../../topology/index";
import { Failed } from "../errors";
import { NoAnswer } from "../live/api";
import { type Cluster, MissingRight } from "../live/cluster";
import type { Live } from "../live/live";
import type { CheckResult, Status, VerifyLayer } from "../result";

export interface Context {
  readonly topology: Topology;
  readonly planned: readonly PlannedObject[];
  readonly cluster: Cluster;
  readonly live: Live;
  readonly signal: AbortSignal;
  /** The key set that the stack made; undefined where no stack was asked. */
  readonly tokenKeys?: string | undefined;
  /** Whose models are asked; undefined: none. */
  readonly models?: AskedModels | undefined;
  /** Whether an undeclared delegation is really created. */
  readonly triesUndeclared?: boolean | undefined;
}

/** The stack's own, which may cost tokens; or the stub, in the place that the stack declares for it. */
export type AskedModels = "own" | "stub";

export interface Check {
  readonly layer: VerifyLayer;
  /** What is checked; the same words every time. */
  readonly title: string;
  /** Layers that its results may speak of besides its own. */
  readonly speaksOf?: readonly VerifyLayer[];
  readonly run: (context: Context) => Promise<readonly Finding[]>;
}

/** A result before it is known which check it is of. */
export interface Finding {
  readonly subject: string;
  readonly status: Status;
  readonly detail: string;
  /** Where it is another layer than the check's. */
  readonly layer?: VerifyLayer;
}

export const pass = (subject: string, detail = ""): Finding => ({ subject, status: "pass", detail });
export const fail = (subject: string, detail: string): Finding => ({ subject, status: "fail", detail });
export const notAnswerable = (subject: string, detail: string): Finding => ({
  subject,
  status: "not answerable",
  detail,
});

/** Runs one check; what it could not ask for is told, and never passes. */
export async function runCheck(check: Check, context: Context): Promise<CheckResult[]> {
  const { layer, title } = check;
  const findings = await check.run(context).catch((error: unknown): readonly Finding[] => {
    const [finding] = [explain("all", error)];
    if (finding === undefined) throw error;
    return [finding];
  });
  return findings.map((finding) => ({
    layer: finding.layer ?? layer,
    check: title,
    ...withoutLayer(finding),
  }));
}

const withoutLayer = ({ subject, status, detail }: Finding) => ({ subject, status, detail });

/** A finding for what went wrong with asking; undefined where that is no finding but a defect. */
export function explain(subject: string, error: unknown): Finding | undefined {
  if (error instanceof MissingRight)
    return notAnswerable(subject, `${error.message}; grant it to this user to have it checked`);
  if (error instanceof Failed) return fail(subject, error.message);
  if (error instanceof NoAnswer)
    return fail(subject, `the API server gave ${error.message}; raise --timeout`);
  return undefined;
}

/** The findings about one subject; a question that cannot be asked is a finding too. */
export async function about(
  subject: string,
  ask: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await ask()].flat();
  } catch (error) {
    const finding = explain(subject, error);
    if (finding === undefined) throw error;
    return [finding];
  }
}

/** As many requests as an API server takes from one client without queueing. */
const AT_ONCE = 16;

/** Findings about each of many, a few at a time, in order. */
export async function forEach<T>(
  items: readonly T[],
  ask: (item: T) => Promise<readonly Finding[]>,
): Promise<Finding[]> {
  const found: (readonly Finding[])[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < items.length; index = next++)
      found[index] = await ask(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  return found.flat();
}
