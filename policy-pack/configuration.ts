/** The pack's configuration file, which holds the exemptions: the same file for the engine, the program and `check`. */
import { existsSync, readFileSync } from "node:fs";
import { EXEMPTIONS_POLICY } from "./framework/exemption-policy";
import { type Exemptions, readExemptions } from "./framework/exemptions";
import { RULES } from "./rules/index";

/** Problems are part of the answer: a configuration that cannot be understood exempts nothing. */
export function readConfiguration(file: string, now = new Date()): Exemptions {
  if (!existsSync(file)) return { valid: [], problems: [`${file} is not there.`] };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { valid: [], problems: [`${file} is no JSON.`] };
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    return { valid: [], problems: [`${file} must be a map.`] };
  const { [EXEMPTIONS_POLICY]: own, ...others } = content as Record<string, unknown>;
  const problems = Object.keys(others).map(
    (key) =>
      `${file}: ${JSON.stringify(key)} is not to be configured. Rules are mandatory; what must be let through is an exemption.`,
  );
  if (own !== undefined && (typeof own !== "object" || own === null || Array.isArray(own)))
    problems.push(`${file}: ${EXEMPTIONS_POLICY} must be a map with the list ${EXEMPTIONS_POLICY}.`);
  const settings = typeof own === "object" && own !== null ? (own as Record<string, unknown>) : {};
  const { exemptions, ...rest } = settings;
  for (const key of Object.keys(rest)) problems.push(`${file}: exemptions.${key} is not to be configured.`);
  const read = readExemptions(exemptions, new Set(RULES.map(({ name }) => name)), now);
  return { valid: read.valid, problems: [...problems, ...read.problems] };
}
