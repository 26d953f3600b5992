/** Results as a table for people: failures one by one, long runs of passes as a number. */
import type { CheckResult, Status } from "./result";
import { push } from "./static/objects";

const MARK: Readonly<Record<Status, string>> = { pass: "ok  ", fail: "FAIL", "not answerable": "?   " };
/** More passes of one check than this are told by their number. */
const MOST_LISTED = 12;
/** More failures of one check tell nothing more to people. */
const MOST_OTHERS = 40;

export function table(results: readonly CheckResult[]): string[] {
  const lines: string[] = [];
  for (const [heading, group] of grouped(results)) {
    lines.push(heading);
    const passes = group.filter(({ status }) => status === "pass");
    const others = group.filter(({ status }) => status !== "pass");
    if (passes.length > MOST_LISTED) lines.push(`  ${MARK.pass} ${passes.length} of ${group.length}`);
    else lines.push(...passes.map(line));
    lines.push(...others.slice(0, MOST_OTHERS).map(line));
    if (others.length > MOST_OTHERS)
      lines.push(`  ...  and ${others.length - MOST_OTHERS} more, which --json and --junit hold`);
  }
  return lines;
}

const line = ({ status, subject, detail }: CheckResult): string =>
  `  ${MARK[status]} ${subject}${detail === "" ? "" : `: ${detail}`}`;

function grouped(results: readonly CheckResult[]): Map<string, CheckResult[]> {
  const groups = new Map<string, CheckResult[]>();
  for (const result of results) {
    const heading = `${result.layer}: ${result.check}`;
    push(groups, heading, result);
  }
  return groups;
}

export function totals(results: readonly CheckResult[]): string {
  const count = (status: Status) => results.filter((result) => result.status === status).length;
  return `${count("pass")} passed, ${count("fail")} failed, ${count("not answerable")} not answerable here`;
}
