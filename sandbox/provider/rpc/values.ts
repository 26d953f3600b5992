/**
 * Property values on the wire between the engine and a provider: JSON plus marked objects for secrets and one
 * reserved string for values that are not known yet.
 * Source: pulumi/pulumi sdk/go/common/resource/properties.go (SigKey, SecretSig, OutputValueSig) and
 * sdk/go/common/resource/plugin/rpc.go (UnknownStringValue).
 */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Stands for a value that only a later step of the deployment knows. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fromStruct(struct: Struct | undefined): JsonObject {
  return struct === undefined ? {} : (struct.toJavaScript() as JsonObject);
}

export function toStruct(value: JsonObject): Struct {
  return Struct.fromJavaScript(value);
}

export function isSecret(value: Json | undefined): value is JsonObject {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

export function makeSecret(value: Json): Json {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** The value without its marks; unknown values stay `UNKNOWN`. Entries that are null are absent, as in a manifest. */
export function plain(value: JsonObject): JsonObject {
  return plainValue(value) as JsonObject;
}

function plainValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(plainValue);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) return plainValue(value.value ?? null);
  if (value[SIGNATURE] === OUTPUT) return value.value === undefined ? UNKNOWN : plainValue(value.value);
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== null) result[key] = plainValue(entry);
  }
  return result;
}

export function hasUnknown(value: Json): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

export function containsSecret(value: Json): boolean {
  if (isSecret(value)) return true;
  if (isObject(value) && value[SIGNATURE] === OUTPUT) return value.secret === true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isObject(value) && Object.values(value).some(containsSecret);
}

/**
 * A copy of `output` in which everything that was secret in `input` is secret. Objects are walked; an array with a
 * secret anywhere becomes secret as a whole, because a server may reorder it.
 */
export function markSecrets(output: JsonObject, input: JsonObject): JsonObject {
  const result: JsonObject = { ...output };
  for (const [key, given] of Object.entries(input)) {
    const value = result[key];
    if (value === undefined || isSecret(value) || !containsSecret(given)) continue;
    const nested = isObject(value) && isObject(given) && !isSecret(given) && given[SIGNATURE] !== OUTPUT;
    result[key] = nested ? markSecrets(value, given) : makeSecret(value);
  }
  return result;
}

/** Every text or number that is secret in `value`: what must not appear in a message. */
export function secretTexts(value: Json, within = false): string[] {
  if (isObject(value)) {
    const secret =
      within || value[SIGNATURE] === SECRET || (value[SIGNATURE] === OUTPUT && value.secret === true);
    const entries = SIGNATURE in value ? [value.value ?? null] : Object.values(value);
    return entries.flatMap((entry) => secretTexts(entry, secret));
  }
  if (Array.isArray(value)) return value.flatMap((entry) => secretTexts(entry, within));
  return within && value !== null && value !== UNKNOWN ? [String(value)] : [];
}
