/**
 * A problem the user can solve. Its lines say where, what, and how to fix it; a command prints them and
 * nothing else, and ends with `exitCode`.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
  readonly exitCode: number = 1;

  constructor(...lines: [string, ...string[]]) {
    super(lines.join("\n"));
  }
}

/** Number of each signal that ends a command; a shell expects 128 plus it as the exit code. */
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
export type EndingSignal = keyof typeof signalNumbers;
export const endingSignals = Object.keys(signalNumbers) as EndingSignal[];

/** The user ended the command. */
export class Interrupted extends UserError {
  override readonly name = "Interrupted";
  override readonly exitCode: number;

  constructor(signal: EndingSignal) {
    super(`Interrupted (${signal}).`);
    this.exitCode = 128 + signalNumbers[signal];
  }
}

/** The code of a system error such as ENOENT, or undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What went wrong in a few words, without a stack trace; for network errors the cause says more. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? reasonOf(error.cause)
    : error.message || errorCode(error) || error.name;
}

const fileProblems: Record<string, [what: string, fix: string]> = {
  ENOSPC: ["the disk is full", "Free some space there, or choose a folder on another disk."],
  EDQUOT: ["your disk quota is used up", "Free some space there, or choose a folder on another disk."],
  EROFS: ["the file system is read-only", "Choose a folder that can be written."],
  EACCES: ["permission is denied", "Make it writable for this user, or choose another folder."],
  EPERM: ["the operation is not permitted", "Make it writable for this user, or choose another folder."],
  ENOTDIR: ["a part of that path is a file, not a folder", "Choose another folder."],
  EEXIST: ["there is a file where a folder is needed", "Remove that file, or choose another folder."],
  ENOENT: ["no folder can be made at that path", "Choose another folder."],
  ENAMETOOLONG: ["the path is too long", "Choose a folder with a shorter path."],
};

/** Turns a file-system error into a sentence for the user; any other error comes back as it was. */
export function fileError(error: unknown, doing: string, path: string): unknown {
  const problem = fileProblems[errorCode(error) ?? ""];
  return problem ? new UserError(`${path}: cannot ${doing}: ${problem[0]}.`, problem[1]) : error;
}
