/** What the commands share: where stack files are, and how they end. */
import { join } from "node:path";
import { OperationFailed } from "../operations/operate";
import { UserError } from "../system/errors";
import { ConfigurationError } from "../topology";

export const ROOT = join(__dirname, "..");

export const stackFilePath = (stack: string): string => join(ROOT, `Pulumi.${stack}.yaml`);

/** A sentence for the user; a command prints it without a stack trace and exits 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Whether an error is a sentence for the user. */
export const isForUser = (error: unknown): error is Error =>
  [ConfigurationError, CommandError, UserError, OperationFailed].some((kind) => error instanceof kind);

export function run(work: () => Promise<void> | void): Promise<void> {
  return Promise.resolve()
    .then(work)
    .catch((error: unknown) => {
      const text = isForUser(error) ? error.message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${text}\n`);
      process.exitCode = 1;
    });
}
