/**
 * Passwords by the rules of RandomPassword, with node:crypto and without modulo bias.
 * Source: hashicorp/terraform-provider-random internal/random/string.go (character sets),
 * internal/provider/resource_password.go (defaults, validation).
 */
import { randomInt } from "node:crypto";
import type { CheckFailure } from "../rpc/plugin";
import type { JsonObject } from "../rpc/values";

export const LOWER = "abcdefghijklmnopqrstuvwxyz";
export const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
export const DIGITS = "0123456789";
export const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

export interface PasswordRules {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric: boolean;
  /** The old name of `numeric`; both are always present in a state. */
  number: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial: string | undefined;
}

export function rulesFrom(inputs: JsonObject): PasswordRules {
  const flag = (value: unknown): boolean => value !== false && value !== "false";
  const count = (value: unknown): number => Number(value ?? 0);
  const numeric = flag(inputs.numeric ?? inputs.number);
  return {
    length: count(inputs.length),
    lower: flag(inputs.lower),
    upper: flag(inputs.upper),
    numeric,
    number: numeric,
    special: flag(inputs.special),
    minLower: count(inputs.minLower),
    minUpper: count(inputs.minUpper),
    minNumeric: count(inputs.minNumeric),
    minSpecial: count(inputs.minSpecial),
    // The empty text means "not overridden" in the official provider too.
    overrideSpecial: inputs.overrideSpecial ? String(inputs.overrideSpecial) : undefined,
  };
}

export function problems(inputs: JsonObject): CheckFailure[] {
  const rules = rulesFrom(inputs);
  const failures: CheckFailure[] = [];
  if (inputs.length === undefined || !Number.isInteger(rules.length) || rules.length < 1) {
    failures.push({ property: "length", reason: "length must be a whole number of at least 1" });
  }
  for (const key of ["minLower", "minUpper", "minNumeric", "minSpecial"] as const) {
    if (!Number.isInteger(rules[key]) || rules[key] < 0) {
      failures.push({ property: key, reason: `${key} must be a whole number of at least 0` });
    }
  }
  const needed = rules.minLower + rules.minUpper + rules.minNumeric + rules.minSpecial;
  if (rules.length < needed) {
    failures.push({
      property: "length",
      reason: `length is ${rules.length}, but the minimums add up to ${needed}`,
    });
  }
  if (!rules.lower && !rules.upper && !rules.numeric && !rules.special) {
    failures.push({ property: "", reason: "at least one of lower, upper, numeric and special must be true" });
  }
  return failures;
}

export function generatePassword(rules: PasswordRules): string {
  const special = rules.overrideSpecial ?? SPECIAL;
  const all =
    (rules.upper ? UPPER : "") +
    (rules.lower ? LOWER : "") +
    (rules.numeric ? DIGITS : "") +
    (rules.special ? special : "");
  const characters = [
    ...pick(LOWER, rules.minLower),
    ...pick(UPPER, rules.minUpper),
    ...pick(DIGITS, rules.minNumeric),
    ...pick(special, rules.minSpecial),
  ];
  characters.push(...pick(all, rules.length - characters.length));
  return shuffle(characters).join("");
}

function pick(from: string, count: number): string[] {
  const characters = [...from];
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] as string);
}

/** Fisher-Yates: the characters that satisfy the minimums must not stay in front. */
function shuffle(characters: string[]): string[] {
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] as string, characters[last] as string];
  }
  return characters;
}
