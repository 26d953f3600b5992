/** What of a stack file is encrypted. API keys must be; anything else would be decrypted into plan, state and cluster. */
import { isMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

/** The one secret key of a stack's configuration. */
export const API_KEYS_KEY = "apiKeys";
export const PLAIN_API_KEY_FIX =
  "Remove it, treat it as known to others, and set a new one with `pulumi config set --secret --path`.";

/** As the Pulumi CLI reads a stack file: a map with the one key `secure`. */
const isEncrypted = (value: unknown): boolean =>
  isMap(value) && Object.keys(value).length === 1 && typeof value.secure === "string";

export const encryptedProblem = (path: readonly PropertyKey[]): Problem => ({
  where: showPath(path),
  what: "is encrypted, and what it holds would stand in plain in the plan, the state and the cluster.",
  fix: `Write it in plain, without --secret; secret are ${API_KEYS_KEY} alone.`,
});

/** Leaves and encrypted values, with where they stand. */
function* leaves(value: unknown, path: readonly PropertyKey[]): Generator<[unknown, readonly PropertyKey[]]> {
  if (typeof value !== "object" || value === null || isEncrypted(value)) yield [value, path];
  else
    for (const [key, inner] of Object.entries(value))
      yield* leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** @param raw configuration of a stack file, below `kagent-a2a:` */
export function encryptionProblems(raw: Loose): Problem[] {
  return [...leaves(raw, [])].flatMap(([value, path]) => {
    if (path[0] !== API_KEYS_KEY) return isEncrypted(value) ? [encryptedProblem(path)] : [];
    if (isEncrypted(value)) return [];
    return [{ where: showPath(path), what: "is an API key in plain text.", fix: PLAIN_API_KEY_FIX }];
  });
}
