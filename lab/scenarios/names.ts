/** What the lab can do with a topology. */
export const SCENARIOS = [
  "matrix",
  "mutations",
  "rotation",
  "faults",
  "runtimes",
  "verify",
  "drift",
] as const;
export type Scenario = (typeof SCENARIOS)[number];
