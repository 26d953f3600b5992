/** From raw stack configuration to the topology, or to every problem at once. */
import { type ApiKeyCheck, apiKeyProblems } from "./api-keys";
import { API_KEYS_KEY } from "./encrypted";
import { buildTopology, type Topology } from "./graph";
import { timestampProblems } from "./plain-scalars";
import { ConfigurationError, type Problem } from "./problems";
import { meaningProblems } from "./rules";
import { configurationSchema } from "./schema";
import { shapeProblems } from "./shape";

export const CONFIGURATION_PREFIX = "kagent-a2a:";

/**
 * Picks the keys below `kagent-a2a:` and parses values that the Pulumi runtime hands over as JSON text.
 * Values of a stack file, which are already structured, pass unchanged.
 */
export function rawConfiguration(all: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(all).filter(([key]) => key.startsWith(CONFIGURATION_PREFIX));
  return Object.fromEntries(
    own.map(([key, value]) => [key.slice(CONFIGURATION_PREFIX.length), parseStructure(value)]),
  );
}

function parseStructure(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Everything that is wrong with a configuration, and the configuration where nothing is. */
function judge(raw: Readonly<Record<string, unknown>>, apiKeys?: ApiKeyCheck) {
  const { [API_KEYS_KEY]: _keys, ...rest } = raw;
  const { data, error } = configurationSchema.safeParse(rest);
  const problems = [
    ...(error === undefined ? [] : shapeProblems(error, rest)),
    ...meaningProblems(rest),
    ...timestampProblems(rest),
    ...(apiKeys === undefined ? [] : apiKeyProblems(rest, apiKeys)),
  ];
  // An empty map is both: of the wrong meaning and, in some places, of the wrong shape. Once is enough.
  const unique = new Map(problems.map((problem) => [`${problem.where} ${problem.what}`, problem]));
  return { data, problems: [...unique.values()] };
}

export const configurationProblems = (raw: Readonly<Record<string, unknown>>): readonly Problem[] =>
  judge(raw).problems;

/**
 * @param raw configuration below `kagent-a2a:`, structured
 * @param apiKeys what is known of API keys; without it they are not asked for (rendering needs none)
 * @throws ConfigurationError with every problem
 */
export function readTopology(raw: Readonly<Record<string, unknown>>, apiKeys?: ApiKeyCheck): Topology {
  const { data, problems } = judge(raw, apiKeys);
  if (problems.length > 0 || data === undefined) throw new ConfigurationError(problems);
  return buildTopology(data);
}
