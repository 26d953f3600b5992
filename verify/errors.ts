import { UserError } from "../system/errors";
import { EXIT } from "./result";

/** What a check asks about is not as it must be: a failed check, and no defect. */
export class Failed extends Error {
  override readonly name = "Failed";
}

/** The checks could not run: not that something failed. */
export class CannotRun extends UserError {
  override readonly name = "CannotRun";
  override readonly exitCode = EXIT.couldNotRun;
}
