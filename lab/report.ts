/** What a run of the lab found: plain data, the same for the terminal, for `--json` and for tests. */
import type { Difference } from "./matrix";
import type { Mode, Question } from "./questions";

/** One question and what the real parts answered. */
export interface Answered {
  readonly mode: Mode;
  readonly kind: Question["kind"];
  readonly from: string;
  /** The thing asked for, without the token: a column of the printed matrix. */
  readonly what: string;
  /** Token that was shown, for calls. */
  readonly token?: string;
  readonly passed: boolean;
  readonly seen: string;
}

export interface MatrixReport {
  readonly mode: Mode;
  readonly answers: readonly Answered[];
  /** Where the real parts and the graph differ, and where the real parts and the evaluators of `verify/` do. */
  readonly fromGraph: readonly Difference[];
  readonly fromEvaluators: readonly Difference[];
  readonly seconds: number;
}

export interface MutationReport {
  /** Such as `drop NetworkPolicy team-beta/agent-specialist`. */
  readonly mutation: string;
  readonly mode: Mode;
  /** Questions whose answer changed, all of them as the evaluators say. */
  readonly changed: readonly string[];
  /** What differs from the evaluators after the mutation. */
  readonly differences: readonly Difference[];
  /** Whether everything was as before once the object was restored. */
  readonly restored: boolean;
  /** From the change to the last cell that showed it. */
  readonly seconds: number;
}
export interface MutationsReport {
  readonly mutations: readonly MutationReport[];
  /** Mutations that change no answer, because something else decides the same cells. Tried too. */
  readonly equivalent: readonly MutationReport[];
}

export interface RotationReport {
  readonly requests: number;
  readonly failures: readonly string[];
  readonly perSecond: number;
  /** From the removal of the old generation to the first refusal of its token; undefined when it was not refused. */
  readonly refusedAfterSeconds?: number;
  /** Requests with the old token that were answered after the first refusal. */
  readonly acceptedAgain: number;
}

export interface FaultReport {
  readonly fault: string;
  /** What is expected to hold meanwhile, and what did. */
  readonly observations: readonly { readonly what: string; readonly held: boolean; readonly seen: string }[];
}

export interface LabReport {
  readonly tenants: number;
  readonly agents: number;
  readonly delegations: number;
  readonly routing: string;
  readonly pods: number;
  readonly secondsToReady: number;
  /** PSS of all processes of the lab, the most that was seen at the end of a step. */
  readonly peakMiB: number;
  readonly matrices: readonly MatrixReport[];
  readonly mutations?: MutationsReport;
  readonly rotation?: RotationReport;
  readonly faults?: readonly FaultReport[];
}

/** Whether everything was as declared. */
export function isProven({ matrices, mutations, rotation, faults }: LabReport): boolean {
  const wrong = [
    ...matrices.flatMap(({ fromGraph, fromEvaluators }) => [...fromGraph, ...fromEvaluators]),
    ...(mutations?.mutations ?? []).filter(
      ({ changed, differences, restored }) => changed.length === 0 || differences.length > 0 || !restored,
    ),
    ...(mutations?.equivalent ?? []).filter(
      ({ changed, differences, restored }) => changed.length > 0 || differences.length > 0 || !restored,
    ),
    ...(rotation === undefined
      ? []
      : [
          ...rotation.failures,
          ...(rotation.refusedAfterSeconds === undefined ? ["never refused"] : []),
          ...Array(rotation.acceptedAgain).fill("accepted again"),
        ]),
    ...(faults ?? []).flatMap(({ observations }) => observations.filter(({ held }) => !held)),
  ];
  return wrong.length === 0;
}
