/** What is skipped where a machine lacks something beyond Node, such as Go, root or Python. */
import { UserError } from "../../system/errors";

/** With this set nothing is skipped for what could be installed: it fails. */
const DEMANDED = "KAGENT_A2A_TEST_EVERYTHING";

/** Skips what is below the hook that calls it, and says why. For what nobody can install, such as another kernel. */
export function skip(context: Mocha.Context, reason: string): never {
  console.log(`      skipped: ${reason}`);
  return context.skip();
}

/** The same for what is not installed. */
export function skipWithout(context: Mocha.Context, reason: string): never {
  if (process.env[DEMANDED]) throw new Error(`${DEMANDED} is set, and something is missing: ${reason}`);
  return skip(context, reason);
}

/** What `load` gives; where it can be had from nowhere, that is the reason to skip. */
export async function orSkip<T>(context: Mocha.Context, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof UserError) return skipWithout(context, error.message);
    throw error;
  }
}

/** The same for what says so by itself. */
export function foundOrSkip(
  context: Mocha.Context,
  found: { readonly path: string } | { readonly missing: string },
): string {
  return "missing" in found ? skipWithout(context, found.missing) : found.path;
}
