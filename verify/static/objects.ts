/**
 * Objects as a cluster has them, and what selects them. The evaluators in this folder say what Kubernetes, Istio and kagent
 * make of objects, whoever wrote them. They share no code with the components, and refuse to guess: a field they do not
 * know is an error.
 */
// biome-ignore lint/suspicious/noExplicitAny: a manifest as it comes, whoever wrote it
export type Doc = any;
export type Labels = Readonly<Record<string, string>>;

/** An object says something whose meaning is not known here. Nothing can be proved about what it governs. */
export class NotUnderstood extends Error {
  override readonly name = "NotUnderstood";
}

export class Objects {
  readonly #byKind = new Map<string, Doc[]>();
  readonly #byPlace = new Map<string, Doc[]>();
  readonly #labels = new Map<string, Labels>();

  constructor(readonly manifests: readonly Doc[]) {
    for (const manifest of manifests) {
      const { kind, metadata } = manifest;
      push(this.#byKind, kind, manifest);
      if (metadata.namespace !== undefined) push(this.#byPlace, `${kind} ${metadata.namespace}`, manifest);
      if (kind === "Namespace")
        this.#labels.set(metadata.name, { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name });
    }
  }

  filter(keep: (manifest: Doc) => boolean): Objects {
    return new Objects(this.manifests.filter(keep));
  }

  all(kind: string): readonly Doc[] {
    return this.#byKind.get(kind) ?? [];
  }

  in(kind: string, namespace: string): readonly Doc[] {
    return this.#byPlace.get(`${kind} ${namespace}`) ?? [];
  }

  get(kind: string, namespace: string, name: string): Doc | undefined {
    return this.in(kind, namespace).find(({ metadata }) => metadata.name === name);
  }

  /** With the label that the API server itself sets. */
  namespaceLabels(name: string): Labels {
    return this.#labels.get(name) ?? { "kubernetes.io/metadata.name": name };
  }
}

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const there = map.get(key);
  if (there === undefined) map.set(key, [value]);
  else there.push(value);
}

export function onlyFields(value: object, known: readonly string[], where: string): void {
  for (const field of Object.keys(value))
    if (!known.includes(field)) throw new NotUnderstood(`${where} has the field ${field}`);
}

/** A label selector of Kubernetes: empty selects all. */
export function selects(selector: Doc, labels: Labels): boolean {
  onlyFields(selector, ["matchLabels", "matchExpressions"], "a selector");
  const wanted: [string, string][] = Object.entries(selector.matchLabels ?? {});
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement: Doc) => meets(requirement, labels))
  );
}

/** One requirement of a label selector. */
export function meets({ key, operator, values = [] }: Doc, labels: Labels): boolean {
  const isThere = Object.hasOwn(labels, key);
  switch (operator) {
    case "In":
      return isThere && values.includes(labels[key]);
    case "NotIn":
      return !isThere || !values.includes(labels[key]);
    case "Exists":
      return isThere;
    case "DoesNotExist":
      return !isThere;
    default:
      throw new NotUnderstood(`a selector has the operator ${operator}`);
  }
}

/** Things with labels, found by a selector without looking at all of them where the selector names a value. */
export class Labelled<T> {
  readonly #byLabel = new Map<string, T[]>();

  constructor(
    readonly items: readonly T[],
    readonly labelsOf: (item: T) => Labels,
  ) {
    for (const item of items)
      for (const [key, value] of Object.entries(labelsOf(item)))
        push(this.#byLabel, JSON.stringify([key, value]), item);
  }

  selected(selector: Doc): T[] {
    return this.#candidates(selector).filter((item) => selects(selector, this.labelsOf(item)));
  }

  /** All that can match: the shortest list of those that the exact requirements name. */
  #candidates(selector: Doc): readonly T[] {
    const exact: [string, string[]][] = [
      ...Object.entries<string>(selector.matchLabels ?? {}).map(([key, value]): [string, string[]] => [
        key,
        [value],
      ]),
      ...(selector.matchExpressions ?? [])
        .filter(({ operator }: Doc) => operator === "In")
        .map(({ key, values }: Doc) => [key, [...new Set(values)]]),
    ];
    let best: readonly T[] = this.items;
    for (const [key, values] of exact) {
      const found = values.flatMap((value) => this.#byLabel.get(JSON.stringify([key, value])) ?? []);
      if (found.length < best.length) best = found;
    }
    return best;
  }
}
