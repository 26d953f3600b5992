/** A stack that a test changes before it is checked. Objects are named as findings name them: `Agent team-alpha/orchestrator`. */
import assert from "node:assert/strict";

export type Loose = Record<string, unknown>;

export function titleOf(manifest: Loose): string {
  const { name, namespace } = (manifest.metadata ?? manifest) as { name?: string; namespace?: string };
  return `${String(manifest.kind)} ${[namespace, name].filter(Boolean).join("/")}`;
}

/** `spec.egress[0].to` and `metadata.labels["a/b"]`, as findings write paths. */
export function steps(path: string): (string | number)[] {
  return [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) =>
    index !== undefined ? Number(index) : (quoted ?? plain ?? ""),
  );
}

export class Draft {
  readonly manifests: Loose[];

  constructor(manifests: readonly unknown[]) {
    // Values that only the engine knows keep their class: they are shared, not copied.
    this.manifests = manifests.map((manifest) => copy(manifest) as Loose);
  }

  get(title: string): Loose {
    const found = this.manifests.find((manifest) => titleOf(manifest) === title);
    assert.ok(found, `the stack has no ${title}: ${this.manifests.map(titleOf).join(", ")}`);
    return found;
  }

  read(title: string, path: string): unknown {
    return steps(path).reduce<unknown>(
      (at, step) => (at as Record<string | number, unknown> | undefined)?.[step],
      this.get(title),
    );
  }

  /** Sets a field; `undefined` removes it. */
  set(title: string, path: string, value: unknown): this {
    const keys = steps(path);
    const last = keys.pop() ?? "";
    let at = this.get(title) as Record<string | number, unknown>;
    for (const [index, key] of keys.entries()) {
      at[key] ??= typeof keys[index + 1] === "number" ? [] : {};
      at = at[key] as Record<string | number, unknown>;
    }
    if (value === undefined && Array.isArray(at)) at.splice(Number(last), 1);
    else if (value === undefined) delete at[last];
    else at[last] = value;
    return this;
  }

  push(title: string, path: string, ...values: unknown[]): this {
    const list = this.read(title, path);
    return this.set(title, path, [...(Array.isArray(list) ? list : []), ...values]);
  }

  drop(...titles: string[]): this {
    for (const title of titles) this.manifests.splice(this.manifests.indexOf(this.get(title)), 1);
    return this;
  }

  dropAll(titles: RegExp): this {
    return this.drop(...this.manifests.map(titleOf).filter((title) => titles.test(title)));
  }

  add(...manifests: Loose[]): this {
    this.manifests.push(...manifests.map((manifest) => copy(manifest) as Loose));
    return this;
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
}

/** Shorthand for an object. */
export function manifest(apiVersion: string, kind: string, name: string, rest: Loose = {}): Loose {
  const [namespace, own] = name.includes("/") ? name.split("/") : [undefined, name];
  const { metadata, ...fields } = rest;
  return {
    apiVersion,
    kind,
    metadata: { name: own, ...(namespace && { namespace }), ...(metadata as Loose) },
    ...fields,
  };
}
