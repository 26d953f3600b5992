/** The shipped configuration, to be changed one thing at a time. */
import { join } from "node:path";
import { ConfigurationError, type Problem, readStackFile, readTopology, type Topology } from "../../topology";

/** Raw configuration; loosely typed, since tests also make it wrong. */
// biome-ignore lint/suspicious/noExplicitAny: a test may write anything anywhere in a configuration
export type Raw = any;
export type Edit = (configuration: Raw) => void;

const STACK_FILE = join(__dirname, "../../Pulumi.dev.yaml");
const shipped = readStackFile(STACK_FILE);

export const ORCHESTRATOR = "team-alpha/orchestrator";
export const SPECIALIST = "team-beta/specialist";

export function devConfiguration(edit: Edit = () => {}): Raw {
  const copy: Raw = structuredClone(shipped);
  edit(copy);
  return copy;
}

export const devTopology = (edit?: Edit): Topology => readTopology(devConfiguration(edit));

/** Adds an agent like the shipped specialist. */
export const addAgent =
  (...ids: string[]): Edit =>
  (configuration) => {
    for (const id of ids) configuration.agents[id] = structuredClone(shipped.agents as Raw)[SPECIALIST];
  };

/** The problems that a configuration is refused for. Fails when it is accepted. */
export function problemsOf(raw: Raw): readonly Problem[] {
  try {
    readTopology(raw);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error("the configuration was accepted");
}
