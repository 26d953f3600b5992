/** A folder of plain Kubernetes YAML, read as objects with their places. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parseAllDocuments } from "yaml";
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
    if (!statSync(path).isFile()) continue;
    const file = relative(".", path);
    let number = 0;
    const text = readFileSync(path, "utf8");
    for (const document of parseAllDocuments(text)) {
      if (!("contents" in document)) continue;
      number += 1;
      const [error] = document.errors;
      if (error !== undefined) {
        problems.push({ file, document: number, message: `no YAML: ${error.message.split("\n")[0]}` });
        continue;
      }
      const value: unknown = document.toJS();
      if (value === null || value === undefined) continue;
      if (typeof value !== "object" || Array.isArray(value))
        problems.push({ file, document: number, message: "no Kubernetes object: a map is expected." });
      else objects.push({ value: releaseOf(text, value) ?? value, origin: { file, document: number } });
    }
  }
  return { objects, problems, files: files.length };
}
