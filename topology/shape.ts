/** Shape of the configuration: turns what zod finds into sentences, each with a way to mend it. */
import { z } from "zod";
import type { Problem } from "./problems";
import { configurationSchema } from "./schema";

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly allOf?: readonly JsonSchema[];
}

export type { JsonSchema };

/** The schema as JSON Schema of what a user writes: the source of documentation and of hints. */
export function configurationJsonSchema(): JsonSchema {
  return z.toJSONSchema(configurationSchema, {
    io: "input",
    unrepresentable: "any",
    // zod leaves the default out where a value is converted before it is checked.
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === "default") jsonSchema.default = (def as z.core.$ZodDefaultDef).defaultValue;
    },
  }) as JsonSchema;
}

type Path = readonly PropertyKey[];

function below(schema: JsonSchema | undefined, step: PropertyKey): JsonSchema | undefined {
  if (typeof step === "number") return schema?.items;
  const more = schema?.additionalProperties;
  return schema?.properties?.[String(step)] ?? (typeof more === "object" ? more : undefined);
}
const schemaAt = (root: JsonSchema, path: Path): JsonSchema | undefined =>
  path.reduce<JsonSchema | undefined>(below, root);

/** What a value is for; where it is one of many, what all of them are for. */
function nearestPurpose(root: JsonSchema, path: Path): string | undefined {
  if (path.length === 0) return undefined;
  return schemaAt(root, path)?.description ?? nearestPurpose(root, path.slice(0, -1));
}

/** `delegations[0].to`, `agents["team-alpha/orchestrator"].model`: as it can be found in the stack file. */
export function showPath(path: Path): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === "number") return `${shown}[${step}]`;
    const key = String(step);
    if (!/^[A-Za-z][\w-]*$/.test(key)) return `${shown}[${JSON.stringify(key)}]`;
    return shown === "" ? key : `${shown}.${key}`;
  }, "");
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a map",
  record: "a map",
  string: "a text",
  number: "a whole number",
  int: "a whole number",
  boolean: "true or false",
};

function article(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isInteger(value)) return "a fraction";
  return TYPE_WORDS[typeof value] ?? typeof value;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    value,
  );
}

/** `https://user:password@host`. */
const CREDENTIALS = /:\/\/[^/]*@/;

function describeIssue(issue: z.core.$ZodIssue, raw: unknown, schema: JsonSchema): Problem[] {
  const where = showPath(issue.path);
  const here = schemaAt(schema, issue.path);
  const purpose = here?.description;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = Object.keys(here?.properties ?? {}).sort();
      return issue.keys.map((key) => ({
        where: showPath([...issue.path, key]),
        what: "there is no such key.",
        fix: `Remove it or correct its spelling; the keys here are ${known.join(", ")}.`,
      }));
    }
    case "invalid_type": {
      const value = valueAt(raw, issue.path);
      const wanted = TYPE_WORDS[issue.expected] ?? issue.expected;
      if (value === undefined)
        return [{ where, what: "is missing.", fix: `Add ${wanted}${purpose ? `: ${purpose}` : "."}` }];
      return [
        { where, what: `must be ${wanted}, but is ${article(value)}.`, fix: purpose ?? `Write ${wanted}.` },
      ];
    }
    case "invalid_value":
      return [
        {
          where,
          what: "has a value that is not known here.",
          fix: `Write one of: ${issue.values.map(String).join(", ")}.`,
        },
      ];
    case "too_small":
      return [
        {
          where,
          what:
            issue.origin === "array" || issue.origin === "string"
              ? "is empty."
              : `is less than ${issue.minimum}.`,
          fix: purpose ?? `Write at least ${issue.minimum}.`,
        },
      ];
    case "too_big":
      return [
        {
          where,
          what:
            issue.origin === "array"
              ? `has more than ${issue.maximum} entries.`
              : issue.origin === "string"
                ? `is longer than ${issue.maximum} characters.`
                : `is more than ${issue.maximum}.`,
          fix: purpose ?? `Stay within ${issue.maximum}.`,
        },
      ];
    case "invalid_key": {
      const key = JSON.stringify(issue.path.at(-1));
      const fix = nearestPurpose(schema, issue.path.slice(0, -1)) ?? "Correct the key.";
      return issue.issues.map(({ message }) => ({ where, what: `${key} ${message}.`, fix }));
    }
    default: {
      // Values are shown for nothing but formats of addresses, names and versions, which are no secrets.
      const value = valueAt(raw, issue.path);
      const isShown = typeof value === "string" && value.length < 80 && !CREDENTIALS.test(value);
      const shown = isShown ? `${JSON.stringify(value)} ` : "";
      return [
        {
          where,
          what: `${shown}${issue.message}.`,
          fix: nearestPurpose(schema, issue.path) ?? "Correct the value.",
        },
      ];
    }
  }
}

export function shapeProblems(error: z.ZodError, raw: unknown): Problem[] {
  const schema = configurationJsonSchema();
  return error.issues.flatMap((issue) => describeIssue(issue, raw, schema));
}
