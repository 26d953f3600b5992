import { UserError } from "../system/errors";

/** A sentence for the user; the command prints it without a stack trace. */
export class LabError extends UserError {}
