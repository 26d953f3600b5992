/** The report for a terminal. */
import { printRuntimes } from "./print-runtimes";
import { printVerify } from "./print-verify";
import type { Mode } from "./questions";
import type {
  Answered,
  FaultReport,
  LabReport,
  MatrixReport,
  MutationsReport,
  RotationReport,
} from "./report";
import { isProven } from "./report";
import type { TokenKind } from "./tokens";

const TITLES: Readonly<Record<Mode, string>> = {
  network: "Connections, decided by the network policies alone",
  mesh: "Requests, decided by identity and token alone",
  all: "Requests, decided by all layers",
};
/** A letter for each token with which a call is answered. */
const LETTERS: Readonly<Record<string, string>> = {
  good: "g",
  none: "-",
  forged: "f",
  "foreign subject": "s",
  "foreign audience": "a",
  "previous generation": "p",
  "removed generation": "r",
} satisfies Record<TokenKind, string>;
const MOST_DIFFERENCES = 30;

export function printReport(report: LabReport): string {
  const { matrices, mutations, rotation, faults, runtimes, verify, drift } = report;
  return [
    heading(report),
    ...matrices.map(printMatrix),
    ...(mutations ? [printMutations(mutations)] : []),
    ...(rotation ? [printRotation(rotation)] : []),
    ...(faults ?? []).map(printFault),
    ...(runtimes ? [printRuntimes(runtimes)] : []),
    ...(verify ? [printVerify(verify)] : []),
    ...(drift ?? []).map(printFault),
    isProven(report)
      ? "Everything is as declared."
      : "NOT everything is as declared: see what differs above.",
  ].join("\n\n");
}

function heading({
  tenants,
  agents,
  delegations,
  routing,
  pods,
  secondsToReady,
  peakMiB,
}: LabReport): string {
  const size = `${agents} agents of ${tenants} tenants, ${delegations} delegations, routing ${routing}`;
  return `${size}: ${pods} pods, ready in ${secondsToReady.toFixed(1)} s, at most ${peakMiB} MiB.`;
}

function printMatrix({ mode, answers, fromGraph, fromEvaluators, seconds }: MatrixReport): string {
  const passed = answers.filter((answer) => answer.passed).length;
  const undecided = answers.filter(({ isDecided }) => !isDecided).length;
  const columns = [...new Set(answers.map(({ what }) => what))].sort();
  const rows = [...new Set(answers.map(({ from }) => from))];
  const byCell = grouped(answers);
  const texts = columns.map((what) => rows.map((from) => cellText(byCell.get(`${from}|${what}`))));
  const widths = texts.map((column, index) => Math.max(String(index + 1).length, ...column.map(length)));
  const first = Math.max(...rows.map(length));
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(first)}  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" ")}`.trimEnd();
  return [
    `${TITLES[mode]}: ${answers.length} asked, ${passed} pass, ${undecided} decided by no part, in ${seconds.toFixed(1)} s`,
    ...columns.map((what, index) => `  ${String(index + 1).padStart(3)}  ${what}`),
    line(
      "",
      columns.map((_, index) => String(index + 1)),
    ),
    ...rows.map((from, row) =>
      line(
        from,
        texts.map((column) => column[row] ?? ""),
      ),
    ),
    legend(answers),
    ...printDifferences("the graph", fromGraph),
    ...printDifferences("the evaluators", fromEvaluators),
  ].join("\n");
}

const length = (text: string): number => text.length;

function grouped(answers: readonly Answered[]): Map<string, Answered[]> {
  const cells = new Map<string, Answered[]>();
  for (const answer of answers) {
    const key = `${answer.from}|${answer.what}`;
    const there = cells.get(key);
    if (there === undefined) cells.set(key, [answer]);
    else there.push(answer);
  }
  return cells;
}

/** `+` passes, `.` is refused, `o` is open because no part decides; for calls the tokens with which they are answered. */
function cellText(answers: readonly Answered[] | undefined): string {
  if (answers === undefined) return "";
  const passed = answers.filter((answer) => answer.passed);
  if (passed.length === 0) return ".";
  if (passed.length === answers.length) return passed.some(({ isDecided }) => isDecided) ? "+" : "o";
  return passed.map(({ token = "" }) => LETTERS[token]).join("");
}

function legend(answers: readonly Answered[]): string {
  const kinds = [...new Set(answers.flatMap(({ token }) => token ?? []))];
  const letters = kinds.map((kind) => `${LETTERS[kind]} ${kind}`).join(", ");
  const what = "+ passes, . is refused, o passes because no part decides";
  return kinds.length === 0 ? `  ${what}` : `  ${what}; for some tokens only: ${letters}`;
}

function printDifferences(from: string, differences: MatrixReport["fromGraph"]): string[] {
  if (differences.length === 0) return [`  equals ${from}, cell by cell`];
  const more = differences.length - MOST_DIFFERENCES;
  return [
    `  DIFFERS from ${from} in ${differences.length} cells:`,
    ...differences
      .slice(0, MOST_DIFFERENCES)
      .map(({ question, predicted, seen }) => `    ${question}: "${predicted}" by ${from}; seen: ${seen}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

function printMutations({ mutations, equivalent, unexplained, differencesAtEnd }: MutationsReport): string {
  const unnoticed = mutations.filter(({ changed }) => changed.length === 0).length;
  const wrong = [...mutations, ...equivalent].filter(({ differences }) => differences.length > 0);
  return [
    `Mutations: ${mutations.length} tried, ${unnoticed} unnoticed, ${wrong.length} with other cells than the evaluators say`,
    ...mutations.map(
      ({ mutation, changed, seconds, restored }) =>
        `  ${mutation}: ${changed.length} cells, within ${seconds.toFixed(1)} s${restored ? "" : ", NOT restored"}` +
        `${changed[0] === undefined ? "" : ` (${changed[0]})`}`,
    ),
    ...wrong.flatMap(({ mutation, differences }) => [
      `  ${mutation}`,
      ...printDifferences("the evaluators", differences),
    ]),
    `  and ${equivalent.length} that change no cell, one of each sort:`,
    ...equivalent.map(
      ({ mutation, reason, changed }) =>
        `    ${mutation}: ${changed.length > 0 ? "DID change cells" : reason || "NOT explained"}`,
    ),
    ...(unexplained.length === 0
      ? []
      : [
          "  changing no cell, and NOT explained (lab/scenarios/explained.ts):",
          ...unexplained.map((name) => `    ${name}`),
        ]),
    "  with everything restored:",
    ...printDifferences("the evaluators", differencesAtEnd),
  ].join("\n");
}

function printRotation({
  requests,
  failures,
  perSecond,
  refusedAfterSeconds,
  acceptedAgain,
}: RotationReport): string {
  return [
    `Rotation under traffic: ${requests} requests of the declared caller at ${perSecond} a second, ${failures.length} failed`,
    ...failures.slice(0, MOST_DIFFERENCES).map((failure) => `    ${failure}`),
    refusedAfterSeconds === undefined
      ? "  the old generation's token was NOT refused after its removal"
      : `  the old generation's token was refused ${refusedAfterSeconds.toFixed(1)} s after its removal, and ${acceptedAgain === 0 ? "never accepted again" : `accepted ${acceptedAgain} times after that`}`,
  ].join("\n");
}

function printFault({ fault, observations }: FaultReport): string {
  return [
    `Fault: ${fault}`,
    ...observations.map(({ what, held, seen }) => `  ${held ? "yes" : "NO "}  ${what}: ${seen}`),
  ].join("\n");
}
