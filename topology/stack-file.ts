/** A stack file on disk: `Pulumi.<stack>.yaml`. */
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { plainScalarProblems } from "./plain-scalars";
import { ConfigurationError, type Problem } from "./problems";
import { CONFIGURATION_PREFIX, rawConfiguration } from "./read";

/**
 * Reads the configuration of a stack file. Encrypted values stay as they are.
 * @throws ConfigurationError when the file cannot be read, is no YAML, or means something else to the Pulumi CLI
 */
export function readStackFile(path: string): Record<string, unknown> {
  const fail = (what: string, fix: string): never => {
    const problem: Problem = { where: path, what, fix };
    throw new ConfigurationError([problem], "");
  };
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return fail("the file cannot be read.", "Name an existing stack file, such as Pulumi.dev.yaml.");
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) return fail(error.message.split("\n")[0] ?? "is no YAML.", "Correct the YAML.");
  let content: unknown;
  try {
    content = document.toJS();
  } catch {
    // Only aliases are left to fail: one that names nothing, or so many that a few lines would fill the memory.
    return fail("its aliases (`*name`) cannot be resolved.", "Write out what they stand for.");
  }
  const config =
    typeof content === "object" && content !== null && "config" in content ? content.config : undefined;
  if (typeof config !== "object" || config === null)
    return fail("has no `config`.", "Write the configuration below `config:`, as in Pulumi.dev.yaml.");
  const problems = plainScalarProblems(document, CONFIGURATION_PREFIX);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return rawConfiguration(config as Record<string, unknown>);
}
