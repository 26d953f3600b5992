/** One weakening of one object of a stack. */
import type { Draft, Loose } from "../policy/support/draft";

export interface Mutant {
  /** What is weakened and how, unique within a stack. */
  readonly name: string;
  readonly change: (stack: Draft) => unknown;
}

/** Finds the weakenings of one object. */
export type Operator = (object: Loose, title: string, all: readonly Loose[]) => Iterable<Mutant>;

export const mutant = (name: string, change: (stack: Draft) => unknown): Mutant => ({ name, change });

type Key = string | number;
const at = (value: unknown, keys: readonly Key[]): unknown =>
  keys.reduce<unknown>((here, key) => (here as Record<Key, unknown> | undefined)?.[key], value);

/** `a.b[0]["c/d"]`. */
export function path(keys: readonly Key[]): string {
  return keys.reduce<string>((shown, key) => {
    if (typeof key === "number") return `${shown}[${key}]`;
    if (!/^[A-Za-z][\w-]*$/.test(key)) return `${shown}["${key}"]`;
    return shown === "" ? key : `${shown}.${key}`;
  }, "");
}

export function set(title: string, keys: readonly Key[], value: unknown, what?: string): Mutant {
  const shown = value === undefined ? "removed" : `= ${what ?? JSON.stringify(value)}`;
  return mutant(`${title}: ${path(keys)} ${shown}`, (stack) => stack.set(title, path(keys), value));
}
export const remove = (title: string, ...keys: Key[]): Mutant => set(title, keys, undefined);
export function push(title: string, keys: readonly Key[], value: unknown, what?: string): Mutant {
  return mutant(`${title}: ${path(keys)} + ${what ?? JSON.stringify(value)}`, (stack) =>
    stack.push(title, path(keys), value),
  );
}
export const drop = (title: string): Mutant => mutant(`${title}: dropped`, (stack) => stack.drop(title));
export const add = (what: string, ...manifests: Loose[]): Mutant =>
  mutant(`added: ${what}`, (stack) => stack.add(...manifests));

/** Indices of a list in an object. */
export const indices = (object: Loose, ...keys: Key[]): number[] => {
  const list = at(object, keys);
  return Array.isArray(list) ? [...list.keys()] : [];
};
export const names = (object: Loose, ...keys: Key[]): string[] =>
  Object.keys((at(object, keys) as object) ?? {});
export const value = at;

/** The Secret with the API key of the stack's model: its name tells who writes it. */
export const modelKey = (all: readonly Loose[]): string =>
  String(at(all.find(({ kind }) => kind === "ModelConfig") ?? {}, ["spec", "apiKeySecret"]));
