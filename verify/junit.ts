/** Results in the JUnit XML that CI systems read: one suite per layer; what is not answerable is skipped, with its reason. */
import type { CheckResult } from "./result";
import { push } from "./static/objects";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};
/** Also drops what XML 1.0 cannot hold. */
const xml = (text: string): string =>
  [...text]
    .filter((character) => character >= " " || character === "\n" || character === "\t")
    .map((character) => ESCAPES[character] ?? character)
    .join("");

export function junit(results: readonly CheckResult[]): string {
  const suites = new Map<string, CheckResult[]>();
  for (const result of results) push(suites, result.layer, result);
  const body = [...suites].map(([layer, cases]) => {
    const count = (status: CheckResult["status"]) => cases.filter((one) => one.status === status).length;
    const head = `name="${xml(layer)}" tests="${cases.length}" failures="${count("fail")}" skipped="${count("not answerable")}"`;
    return [`  <testsuite ${head}>`, ...cases.map(testCase), "  </testsuite>"].join("\n");
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...body, "</testsuites>", ""].join("\n");
}

function testCase({ layer, check, subject, status, detail }: CheckResult): string {
  const head = `    <testcase classname="${xml(`verify.${layer}`)}" name="${xml(`${check}: ${subject}`)}"`;
  if (status === "pass") return `${head}/>`;
  const tag = status === "fail" ? "failure" : "skipped";
  return `${head}><${tag} message="${xml(detail)}"/></testcase>`;
}
