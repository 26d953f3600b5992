/**
 * Reading of an object that may be anything: every step knows its path, so that a finding can name the field.
 * A value that is not literal, or that has a shape it cannot have, ends the reading with an error that the evaluation turns
 * into a finding: it is never taken for an absent value, which many rules would let pass.
 */
import { isMap } from "../../topology/loose";
import type { Finding } from "./finding";
import type { StackObject } from "./object";

/** Reading met something that it cannot judge. */
export class Unreadable extends Error {
  constructor(
    readonly field: Field,
    /** `unknown`: only the engine knows the value, and only later. `malformed`: no API server would take it. */
    readonly reason: "unknown" | "malformed",
    /** What it should be: `a map`. */
    readonly expected: string,
  ) {
    super(`${field.path || "the object"} is ${reason}: expected ${expected}`);
  }
}

export class Field {
  readonly #parent: Field | undefined;
  readonly #key: string | number;
  readonly #raw: unknown;

  constructor(
    readonly object: StackObject,
    raw: unknown,
    parent?: Field,
    key: string | number = "",
  ) {
    this.#raw = raw;
    this.#parent = parent;
    this.#key = key;
  }

  /** `spec.egress[0].to`, as people find it in the manifest. */
  get path(): string {
    const before = this.#parent?.path ?? "";
    if (this.#parent === undefined) return "";
    if (typeof this.#key === "number") return `${before}[${this.#key}]`;
    const plain = /^[A-Za-z][\w-]*$/.test(this.#key);
    if (!plain) return `${before}[${JSON.stringify(this.#key)}]`;
    return before === "" ? this.#key : `${before}.${this.#key}`;
  }

  /** The last step of the path. */
  get key(): string {
    return String(this.#key);
  }

  /** Whether only the engine knows the value, later. */
  get isUnknown(): boolean {
    return this.object.isUnknown(this.#raw);
  }

  /** @throws Unreadable when the value is not literal */
  get value(): unknown {
    if (this.isUnknown) throw new Unreadable(this, "unknown", "a literal");
    return this.#raw;
  }

  get isPresent(): boolean {
    return this.isUnknown || (this.#raw !== undefined && this.#raw !== null);
  }

  #mustBe(what: string): never {
    throw new Unreadable(this, "malformed", what);
  }

  at(...keys: (string | number)[]): Field {
    let here: Field = this;
    for (const key of keys) {
      const value = here.value;
      if (value === undefined || value === null) here = new Field(this.object, undefined, here, key);
      else if (typeof value !== "object" || Array.isArray(value) !== (typeof key === "number"))
        return here.#mustBe(typeof key === "number" ? "a list" : "a map");
      else here = new Field(this.object, own(value as Record<string | number, unknown>, key), here, key);
    }
    return here;
  }

  /** The elements of a list; none when it is absent. */
  items(): Field[] {
    const value = this.value;
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return this.#mustBe("a list");
    return value.map((item: unknown, index) => new Field(this.object, item, this, index));
  }

  /** The entries of a map; none when it is absent. */
  entries(): [string, Field][] {
    const value = this.value;
    if (value === undefined || value === null) return [];
    if (!isMap(value)) return this.#mustBe("a map");
    return Object.entries(value).map(([key, item]) => [key, new Field(this.object, item, this, key)]);
  }

  keys(): string[] {
    return this.entries().map(([key]) => key);
  }

  text(): string | undefined {
    const value = this.value;
    if (value === undefined || value === null) return undefined;
    return typeof value === "string" ? value : this.#mustBe("a text");
  }

  flag(): boolean | undefined {
    const value = this.value;
    if (value === undefined || value === null) return undefined;
    return typeof value === "boolean" ? value : this.#mustBe("true or false");
  }

  number(): number | undefined {
    const value = this.value;
    if (value === undefined || value === null) return undefined;
    return typeof value === "number" ? value : this.#mustBe("a number");
  }

  texts(): string[] {
    return this.items().map((item) => item.text() ?? item.#mustBe("a text"));
  }

  /** A map of texts, such as labels. */
  textMap(): ReadonlyMap<string, string> {
    return new Map(this.entries().map(([key, item]) => [key, item.text() ?? item.#mustBe("a text")]));
  }

  /** What is wrong here, and what to write. No value of a property belongs into it. */
  finding(message: string): Finding {
    return { object: this.object, path: this.path, message };
  }
}

/** Only what the manifest itself says: `constructor` and the like are no fields. */
function own(value: Record<string | number, unknown>, key: string | number): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
