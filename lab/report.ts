/** What a run of the lab found: plain data, the same for the terminal, for `--json` and for tests. */
import { plaintext } from "../verify/checks/plaintext";
import type { CheckResult } from "../verify/result";
import type { Difference } from "./matrix";
import type { Outcome } from "./outcome";
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
  /** Who answered, or the manner in which it was refused. */
  readonly seen: Outcome;
  /** Whether any real part has a say in it. */
  readonly isDecided: boolean;
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
  /** Whether what had changed was as before once the object was restored. */
  readonly restored: boolean;
  /** From the change to the last cell that showed it. */
  readonly seconds: number;
}
export interface MutationsReport {
  readonly mutations: readonly MutationReport[];
  /** Mutations that change no answer, and why. One of each sort. */
  readonly equivalent: readonly (MutationReport & { readonly reason: string })[];
  /** All that change no answer, and nobody has said why. */
  readonly unexplained: readonly string[];
  /** Once everything is restored. */
  readonly differencesAtEnd: readonly Difference[];
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

/** One message to an agent that must, or must not, come back with what another agent contributes. */
export interface RuntimeStep {
  readonly what: string;
  readonly expected: boolean;
  /** Whether the other's contribution came back. */
  readonly arrived: boolean;
  /** Whether the agent did call the other. A message that nobody passes on proves nothing. */
  readonly tried: boolean;
  /** Whether the other agent got so far as to ask its model. */
  readonly reached: boolean;
  /** State of the task that came back, such as `completed`. */
  readonly state?: string;
  /** The answer, or why there was none. */
  readonly seen: string;
  readonly seconds: number;
}
export interface DelegationRun {
  readonly caller: string;
  readonly callee: string;
  /** Who handed the messages to the caller. */
  readonly sender: "controller" | "own pod";
  /** Until both runtimes listened. */
  readonly secondsToStart: number;
  readonly steps: readonly RuntimeStep[];
  /** What the two asked of the controller for the first message: `<agent>: <method> <path> <status>`, in order. */
  readonly controllerCalls: readonly string[];
  /** Names of the headers with which the first call reached the callee's runtime. */
  readonly headersAtCallee: readonly string[];
}
export interface RuntimesReport {
  /** Of Python and of packages. */
  readonly versions: Readonly<Record<string, string>>;
  readonly delegations: readonly DelegationRun[];
}

/** A hole in one layer, which `verify` must find by trying. */
export interface VerifyControl {
  readonly change: string;
  /** Subject of the finding that tells it. */
  readonly expected: string;
  /** Subjects that failed. */
  readonly failed: readonly string[];
  readonly isFound: boolean;
}
export interface VerifyReport {
  readonly results: readonly CheckResult[];
  readonly controls: readonly VerifyControl[];
}

/** Layers that running pods answer for: here nothing may be left open. */
const ANSWERED: readonly string[] = ["network", "identity", "routing"];
/** Where routing is direct nobody could try it; a test holds the other case. */
const NOT_ALWAYS = plaintext.title;
export const isOpen = ({ status, layer, check }: CheckResult): boolean =>
  status === "fail" || (status === "not answerable" && ANSWERED.includes(layer) && check !== NOT_ALWAYS);

export const isHeld = ({ expected, arrived, tried, reached }: RuntimeStep): boolean =>
  tried && arrived === expected && reached === expected;

export interface LabReport {
  readonly tenants: number;
  readonly agents: number;
  readonly delegations: number;
  readonly routing: string;
  readonly pods: number;
  readonly secondsToReady: number;
  /** PSS of all processes of the lab, the most that was seen: they are counted every second. */
  readonly peakMiB: number;
  readonly matrices: readonly MatrixReport[];
  readonly mutations?: MutationsReport;
  readonly rotation?: RotationReport;
  readonly faults?: readonly FaultReport[];
  readonly runtimes?: RuntimesReport;
  readonly verify?: VerifyReport;
  readonly drift?: readonly FaultReport[];
}

/** Whether everything was as declared. */
export function isProven(report: LabReport): boolean {
  const { matrices, mutations, rotation, faults, runtimes, verify, drift } = report;
  const wrong = [
    ...matrices.flatMap(({ fromGraph, fromEvaluators }) => [...fromGraph, ...fromEvaluators]),
    ...(mutations?.differencesAtEnd ?? []),
    ...(mutations?.unexplained ?? []),
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
    ...[...(faults ?? []), ...(drift ?? [])].flatMap(({ observations }) =>
      observations.filter(({ held }) => !held),
    ),
    ...(runtimes?.delegations ?? []).flatMap(({ steps }) => steps.filter((step) => !isHeld(step))),
    ...(verify?.results ?? []).filter(isOpen),
    ...(verify?.controls ?? []).filter(({ isFound }) => !isFound),
  ];
  return wrong.length === 0;
}
