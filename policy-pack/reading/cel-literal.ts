/** Reads the one kind of CEL literal that carries parameters: a map of maps to lists of texts. */
export type Table = ReadonlyMap<string, readonly string[]>;
export type Tables = ReadonlyMap<string, Table>;

class Reader {
  #at = 0;
  constructor(readonly text: string) {}

  #skip(): void {
    while (/\s/.test(this.text[this.#at] ?? "")) this.#at += 1;
  }
  #take(expected: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== expected) return false;
    this.#at += 1;
    return true;
  }
  #expect(expected: string): void {
    if (!this.#take(expected)) throw new SyntaxError(`expected ${expected}`);
  }
  get isAtEnd(): boolean {
    this.#skip();
    return this.#at === this.text.length;
  }

  string(): string {
    this.#expect("'");
    let read = "";
    for (;;) {
      const next = this.text[this.#at];
      this.#at += 1;
      if (next === undefined) throw new SyntaxError("open text");
      if (next === "'") return read;
      if (next !== "\\") read += next;
      else {
        read += this.text[this.#at] ?? "";
        this.#at += 1;
      }
    }
  }
  list(): string[] {
    const items: string[] = [];
    this.#expect("[");
    if (this.#take("]")) return items;
    do items.push(this.string());
    while (this.#take(","));
    this.#expect("]");
    return items;
  }
  map<T>(value: () => T): Map<string, T> {
    const map = new Map<string, T>();
    this.#expect("{");
    if (this.#take("}")) return map;
    do {
      const key = this.string();
      this.#expect(":");
      map.set(key, value());
    } while (this.#take(","));
    this.#expect("}");
    return map;
  }
}

/** Undefined when the text is anything else. */
export function parseTables(text: string): Tables | undefined {
  const reader = new Reader(text);
  try {
    const tables = reader.map(() => reader.map(() => reader.list()));
    return reader.isAtEnd ? tables : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
