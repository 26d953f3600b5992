/** Helm values by path, and whether a chart knows them. */
import { isDeepStrictEqual } from "node:util";
import type { Values } from "./charts";

export type Path = readonly string[];

const isMap = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every value that is set: what is no map, and every empty map. A list is one value. */
export function leaves(values: unknown, path: Path = []): Path[] {
  if (!isMap(values) || (path.length > 0 && Object.keys(values).length === 0)) return [path];
  return Object.entries(values).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

export const valueAt = (values: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), values);

/** The same values without one. */
export function without(values: Values, [key = "", ...rest]: Path): Values {
  const { [key]: found, ...others } = values;
  if (rest.length === 0 || !isMap(found)) return others;
  return { ...others, [key]: without(found, rest) };
}

/**
 * How far a chart's own values follow a path: `known` to its end, `open` where the chart has an empty map or nothing as
 * its default and takes what it is given, `unknown` where it has other keys but not this one.
 */
export function standing(defaults: Values, path: Path): "known" | "open" | "unknown" {
  let at: unknown = defaults;
  for (const key of path) {
    if (at === null || at === undefined || (isMap(at) && Object.keys(at).length === 0)) return "open";
    if (!isMap(at) || !(key in at)) return "unknown";
    at = at[key];
  }
  return "known";
}

export const restates = (defaults: Values, values: Values, path: Path): boolean =>
  isDeepStrictEqual(valueAt(defaults, path), valueAt(values, path));
