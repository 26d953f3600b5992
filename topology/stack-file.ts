/** A stack file on disk: `Pulumi.<stack>.yaml`. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { encryptionProblems } from "./encrypted";
import { asMap, type Loose } from "./loose";
import { plainScalarProblems } from "./plain-scalars";
import { ConfigurationError, type Problem } from "./problems";
import { CONFIGURATION_PREFIX, configurationProblems, rawConfiguration } from "./read";
import { showPath } from "./shape";

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
  const raw = rawConfiguration(withPrefix(asMap(config)));
  const own = [...plainScalarProblems(document, CONFIGURATION_PREFIX), ...encryptionProblems(raw)];
  const unseen = [...keyProblems(Object.keys(config)), ...projectProblems(dirname(path))];
  if (own.length + unseen.length === 0) return raw;
  // With all that is wrong besides, which is otherwise found when the configuration becomes a topology.
  const besides = [...own, ...configurationProblems(raw)];
  throw new ConfigurationError(
    [...unseen, ...besides.map((problem) => ({ ...problem, where: CONFIGURATION_PREFIX + problem.where }))],
    "",
  );
}

/** The Pulumi CLI reads a key without a colon as the project's own (measured, CLI 3.250). */
const isBare = (key: string): boolean => !key.includes(":");
const withPrefix = (config: Loose): Loose =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [isBare(key) ? CONFIGURATION_PREFIX + key : key, value]),
  );

/** Configuration that the engine would take for another than the readers of the file do. */
function keyProblems(keys: readonly string[]): Problem[] {
  const looksOwn = (key: string): boolean =>
    !key.startsWith(CONFIGURATION_PREFIX) && /^[^:]*(kagent|a2a)[^:]*:/i.test(key);
  return keys
    .filter((key) => isBare(key) || looksOwn(key))
    .map((key) => ({
      where: showPath(["config", key]),
      what: isBare(key)
        ? "has no prefix: Pulumi deploys it, and who looks for the prefix does not see it."
        : `has another prefix than ${CONFIGURATION_PREFIX} and is read by nobody.`,
      fix: `Write it as ${CONFIGURATION_PREFIX}${key.slice(key.indexOf(":") + 1)}.`,
    }));
}

/** Configuration of the project is merged into every stack's, and stands in no stack file. */
function projectProblems(folder: string): Problem[] {
  const file = join(folder, "Pulumi.yaml");
  if (!existsSync(file)) return [];
  const { config } = asMap(parseDocument(readFileSync(file, "utf8")).toJS());
  return Object.keys(asMap(config))
    .filter((key) => isBare(key) || key.startsWith(CONFIGURATION_PREFIX))
    .map((key) => ({
      where: `${file}: ${showPath(["config", key])}`,
      what: "is deployed with every stack, and who reviews a stack file does not see it.",
      fix: `Remove it, and write ${CONFIGURATION_PREFIX}${key.slice(key.indexOf(":") + 1)} into the stack file.`,
    }));
}
