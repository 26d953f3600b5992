/** All objects of a run, indexed once: what a rule needs is looked up, never searched. */
import { type RawObject, StackObject } from "./object";

export class StackIndex {
  readonly #byKind = new Map<string, StackObject[]>();
  readonly #byPlace = new Map<string, StackObject[]>();
  readonly objects: readonly StackObject[];
  readonly #derived = new Map<unknown, { value?: unknown; error?: unknown }>();

  constructor(raw: Iterable<RawObject>, isUnknown: (value: unknown) => boolean) {
    const objects: StackObject[] = [];
    for (const object of raw)
      for (const part of expandLists(object)) objects.push(new StackObject(part, isUnknown));
    for (const object of objects) {
      const kind = `${object.group}/${object.kind}`;
      push(this.#byKind, kind, object);
      push(this.#byPlace, `${kind}/${object.namespace}`, object);
    }
    this.objects = objects;
  }

  /** Objects of a kind, compared with its group: a foreign CRD of the same kind name is another kind. */
  of(group: string, kind: string): readonly StackObject[] {
    return this.#byKind.get(`${group}/${kind}`) ?? [];
  }

  in(group: string, kind: string, namespace: string): readonly StackObject[] {
    return this.#byPlace.get(`${group}/${kind}/${namespace}`) ?? [];
  }

  /** A reading that several rules share, made once per run. An error is kept too: each of these rules meets it. */
  derive<T>(reading: (stack: StackIndex) => T): T {
    let known = this.#derived.get(reading);
    if (known === undefined) {
      try {
        known = { value: reading(this) };
      } catch (error) {
        known = { error };
      }
      this.#derived.set(reading, known);
    }
    if ("error" in known) throw known.error;
    return known.value as T;
  }
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** `kind: List`, and `NetworkPolicyList` and the like, are their items. */
function* expandLists(raw: RawObject): Iterable<RawObject> {
  const value = raw.value as { kind?: unknown; items?: unknown; apiVersion?: unknown } | null;
  const isList =
    typeof value === "object" &&
    value !== null &&
    typeof value.kind === "string" &&
    value.kind.endsWith("List") &&
    Array.isArray(value.items);
  if (!isList) {
    yield raw;
    return;
  }
  const { kind, apiVersion, items } = value as { kind: string; apiVersion: unknown; items: unknown[] };
  for (const item of items) {
    // Items of a typed list may leave out what the list already says.
    const inherited = kind === "List" ? {} : { apiVersion, kind: kind.slice(0, -"List".length) };
    const isPlain = typeof item === "object" && item !== null && !Array.isArray(item);
    yield* expandLists({ value: isPlain ? { ...inherited, ...item } : item, origin: raw.origin });
  }
}
