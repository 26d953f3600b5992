/**
 * Texts that the Pulumi CLI reads otherwise than this program when they stand without quotes in a stack file: its YAML is of version
 * 1.1 there (measured, CLI 3.250: `2024-10-21` becomes `2024-10-21 00:00:00 +0000 UTC`, `0471` 313, `1_000` 1000, `0b11` 3).
 */
import { type Document, isPair, isScalar, isSeq, visit } from "yaml";
import type { Problem } from "./problems";
import { showPath } from "./shape";

const DATE = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]|$)/;
const NUMBER = /^[-+]?(0[0-7]+|0b[01_]+|[0-9][0-9_]*_[0-9_]*)$/;
/** What the CLI makes of a date. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [-+]\d{4} [A-Z]+$/;

const FIX = "Write it in quotes.";

/** @param prefix of the keys that are this program's, below `config` */
export function plainScalarProblems(document: Document, prefix: string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar: (key, scalar, ancestors) => {
      const { source = "", type } = scalar;
      const isDate = DATE.test(source);
      if (key === "key" || type !== "PLAIN" || !(isDate || NUMBER.test(source))) return;
      const [config, own, ...inner] = pathOf([...ancestors, scalar]);
      if (config !== "config" || typeof own !== "string" || !own.startsWith(prefix)) return;
      problems.push({
        where: showPath([own.slice(prefix.length), ...inner]),
        what: `${source} is ${isDate ? "a point in time" : "another number"} to Pulumi, which reads YAML 1.1.`,
        fix: FIX,
      });
    },
  });
  return problems;
}

/** Keys and positions on the way to the last of the nodes. */
const pathOf = (nodes: readonly unknown[]): (string | number)[] =>
  nodes.flatMap((node, index): (string | number)[] => {
    if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)];
    return isSeq(node) ? [node.items.indexOf(nodes[index + 1])] : [];
  });

/** In a configuration that the CLI has read already. */
export function timestampProblems(value: unknown, path: readonly (string | number)[] = []): Problem[] {
  if (typeof value === "string" && TIMESTAMP.test(value))
    return [
      {
        where: showPath(path),
        what: "was a date without quotes, which Pulumi reads as a point in time.",
        fix: FIX,
      },
    ];
  if (Array.isArray(value)) return value.flatMap((item, index) => timestampProblems(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => timestampProblems(item, [...path, key]));
}
