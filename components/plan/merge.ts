import { isMap } from "../../topology/loose";

/** Maps are merged, key by key; everything else of `over` replaces what `under` has. Neither is changed. */
export function mergeDeep(under: unknown, over: unknown): unknown {
  if (!isMap(under) || !isMap(over)) return over;
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = key in under ? mergeDeep(under[key], value) : value;
  }
  return merged;
}
