/** Objects of any kind, and changes to them. */

export type Json = null | boolean | number | string | Json[] | { [field: string]: Json };
export interface CustomObject {
  [field: string]: Json;
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: { [field: string]: Json };
}

/** A copy of `object` with one field changed. Numbers in the path count items of lists. */
export function changed(object: CustomObject, path: string, value: Json | undefined): CustomObject {
  const copy = structuredClone(object);
  const names = path.split(".");
  const last = names.pop() ?? "";
  let parent: Json = copy;
  for (const name of names) parent = child(parent, name);
  if (Array.isArray(parent)) parent.splice(Number(last), 1, ...(value === undefined ? [] : [value]));
  else if (typeof parent === "object" && parent !== null) {
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  } else throw new Error(`${path} leads nowhere`);
  return copy;
}

function child(parent: Json, name: string): Json {
  const found =
    typeof parent !== "object" || parent === null
      ? undefined
      : Array.isArray(parent)
        ? parent[Number(name)]
        : parent[name];
  if (found === undefined) throw new Error(`nothing called ${name} in ${JSON.stringify(parent)}`);
  return found;
}

/** Paths of everything in a value. */
export function pathsIn(value: Json, prefix = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    return [path, ...pathsIn(inner ?? null, path)];
  });
}
