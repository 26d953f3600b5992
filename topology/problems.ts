/** One thing that is wrong with the configuration: where it stands, what is wrong, and how to mend it. */
export interface Problem {
  /** Path in the stack configuration, as the user writes it, e.g. `delegations[2].to`. */
  readonly where: string;
  readonly what: string;
  readonly fix: string;
}

/**
 * The configuration cannot become a topology. Carries every problem found, not only the first.
 */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(
    readonly problems: readonly Problem[],
    /** What stands before each `where`. */
    prefix = "kagent-a2a:",
  ) {
    super(describeProblems(problems, prefix));
  }
}

export function describeProblems(problems: readonly Problem[], prefix: string): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ where, what, fix }) => `  ${prefix}${where}: ${what}\n      ${fix}`);
  return [`The stack configuration has ${count}; nothing was deployed.`, ...lines].join("\n");
}
