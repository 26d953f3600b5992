/** What changes between the live object, cut down to the last inputs, and the new inputs. */
import { isObject, type Json, type JsonObject, UNKNOWN } from "../rpc/values";

export type Path = (string | number)[];

export interface Change {
  path: Path;
  kind: "add" | "delete" | "update";
  /** The new value; undefined for a deletion. */
  value: Json | undefined;
}

/** Whether a live value is what the server makes of the given one. */
export type Same = (live: Json | undefined, given: Json, path: Path) => boolean;

export function diffObjects(live: JsonObject, given: JsonObject, same: Same, path: Path = []): Change[] {
  const keys = new Set([...Object.keys(live), ...Object.keys(given)]);
  return [...keys].flatMap((key) => diffValues(live[key], given[key], same, [...path, key]));
}

function diffValues(live: Json | undefined, given: Json | undefined, same: Same, path: Path): Change[] {
  if (given === undefined) return live === undefined ? [] : [{ path, kind: "delete", value: undefined }];
  if (live === given && given !== UNKNOWN) return [];
  if (isObject(live) && isObject(given)) return diffObjects(live, given, same, path);
  if (Array.isArray(live) && Array.isArray(given)) {
    const length = Math.max(live.length, given.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      diffValues(live[index], given[index], same, [...path, index]),
    );
  }
  if (same(live, given, path)) return [];
  return [{ path, kind: live === undefined ? "add" : "update", value: given }];
}

/** As the engine parses paths. Source: pulumi/pulumi sdk/go/common/resource/property_path.go. */
export function formatPath(path: Path): string {
  let result = "";
  for (const step of path) {
    if (typeof step === "number") result += `[${step}]`;
    else if (/[."[\]]/.test(step)) result += `["${step.replaceAll('"', '\\"')}"]`;
    else result += result === "" ? step : `.${step}`;
  }
  return result;
}

/** Whether the path lies at or below one that the program told to ignore. */
export function isIgnored(path: string, ignored: string[]): boolean {
  return ignored.some(
    (prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`),
  );
}
