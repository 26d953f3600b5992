import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "./errors";

/**
 * Creates a folder and those above it. The `recursive` option of mkdirSync is no help where that is refused: on a
 * read-only file system it reports a missing folder, and in /proc it never returns (Node 20.20).
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (existsSync(path)) {
    // Fails with EEXIST on a file, which a folder is not.
    if (existsSync(`${path}/.`)) return;
  } else if (dirname(path) !== path) makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have been quicker.
    if (errorCode(error) !== "EEXIST" || !existsSync(`${path}/.`)) throw error;
  }
}
