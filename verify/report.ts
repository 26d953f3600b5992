/** Where results go: the terminal, JSON on standard output, a JUnit file. */
import { writeFileSync } from "node:fs";
import { UserError } from "../system/errors";
import { junit } from "./junit";
import { type CheckResult, exitCode } from "./result";
import { table, totals } from "./table";

export interface ReportOptions {
  readonly json?: boolean;
  readonly junit?: string;
}

/** @param besides what JSON holds besides the results; `lines` are for people */
export function report(
  results: readonly CheckResult[],
  options: ReportOptions,
  besides: { readonly lines?: readonly string[]; readonly json?: Readonly<Record<string, unknown>> } = {},
): void {
  const lines =
    options.json === true
      ? [JSON.stringify({ results, ...besides.json }, undefined, 2)]
      : [...table(results), ...(besides.lines ?? []), totals(results)];
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = exitCode(results);
  // Last, so that a file that cannot be written costs nobody the results.
  if (options.junit !== undefined) writeJunit(options.junit, results);
}

function writeJunit(file: string, results: readonly CheckResult[]): void {
  try {
    writeFileSync(file, junit(results));
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UserError(`${file}: the file cannot be written (${reason}).\nName another one with --junit.`);
  }
}
