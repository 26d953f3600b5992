import { UserError } from "../system/errors";
import { EXIT } from "./result";

/** The checks could not run: not that something failed. */
export class CannotRun extends UserError {
  override readonly name = "CannotRun";
  override readonly exitCode = EXIT.couldNotRun;
}
