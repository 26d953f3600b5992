/** A folder of plain Kubernetes YAML, read as objects with their places. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type Document, parseAllDocuments } from "yaml";
import { releaseOf } from "./helm-values";
import type { RawObject } from "./object";

export interface FolderProblem {
  readonly file: string;
  readonly document?: number;
  readonly message: string;
}

export interface Folder {
  readonly objects: readonly RawObject[];
  /** What is no YAML, or no object: it would pass unseen otherwise. */
  readonly problems: readonly FolderProblem[];
  readonly files: number;
}

const YAML = /\.(ya?ml|json)$/;

/** @throws Error when the folder cannot be read */
export function readFolder(folder: string): Folder {
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is no folder.`);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => YAML.test(file) && !file.split(sep).includes("node_modules"))
    .sort();
  const objects: RawObject[] = [];
  const problems: FolderProblem[] = [];
  for (const name of files) {
    const path = join(folder, name);
    const file = relative(".", path);
    const text = contentOf(path);
    if (text === undefined) problems.push({ file, message: "cannot be read." });
    if (typeof text !== "string") continue;
    let number = 0;
    // As kubectl reads it: `<<` merges.
    for (const document of parseAllDocuments(text, { merge: true })) {
      if (!("contents" in document)) continue;
      number += 1;
      const value = valueIn(document);
      if (value instanceof Error) {
        const message = `no YAML: ${value.message.split("\n")[0]}`;
        problems.push({ file, document: number, message });
      } else if (value === null || value === undefined) continue;
      else if (typeof value !== "object" || Array.isArray(value))
        problems.push({ file, document: number, message: "no Kubernetes object: a map is expected." });
      else objects.push({ value: releaseOf(text, value) ?? value, origin: { file, document: number } });
    }
  }
  return { objects, problems, files: files.length };
}

/** Null for a folder, undefined for what cannot be read, such as a link to nowhere. */
function contentOf(path: string): string | null | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path, "utf8") : null;
  } catch {
    return undefined;
  }
}

/** An error, too, for an alias of nothing, or for so many of them that the document would fill the memory. */
function valueIn(document: Document.Parsed): unknown {
  const [error] = document.errors;
  if (error !== undefined) return error;
  try {
    return document.toJS();
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
