/**
 * Objects as a cluster has them, and what selects them. The evaluators in this folder say what Kubernetes, Istio and kagent
 * make of the planned objects. They share no code with the components, and refuse to guess: a field they do not know throws.
 */
// biome-ignore lint/suspicious/noExplicitAny: a manifest as it comes, whatever the program put into it
export type Doc = any;
export type Labels = Readonly<Record<string, string>>;

export class Objects {
  readonly #byKind = new Map<string, Doc[]>();

  constructor(readonly manifests: readonly Doc[]) {
    for (const manifest of manifests)
      this.#byKind.set(manifest.kind, [...(this.#byKind.get(manifest.kind) ?? []), manifest]);
  }

  filter(keep: (manifest: Doc) => boolean): Objects {
    return new Objects(this.manifests.filter(keep));
  }

  all(kind: string): readonly Doc[] {
    return this.#byKind.get(kind) ?? [];
  }

  in(kind: string, namespace: string): readonly Doc[] {
    return this.all(kind).filter(({ metadata }) => metadata.namespace === namespace);
  }

  get(kind: string, namespace: string, name: string): Doc | undefined {
    return this.in(kind, namespace).find(({ metadata }) => metadata.name === name);
  }

  /** With the label that the API server itself sets. */
  namespaceLabels(name: string): Labels {
    const declared = this.all("Namespace").find(({ metadata }) => metadata.name === name);
    return { ...declared?.metadata.labels, "kubernetes.io/metadata.name": name };
  }
}

export function onlyFields(value: object, known: readonly string[], where: string): void {
  for (const field of Object.keys(value))
    if (!known.includes(field)) throw new Error(`${where} has the field ${field}, which no evaluator knows`);
}

/** A label selector of Kubernetes: empty selects all. */
export function selects(selector: Doc, labels: Labels): boolean {
  onlyFields(selector, ["matchLabels", "matchExpressions"], "a selector");
  const wanted: [string, string][] = Object.entries(selector.matchLabels ?? {});
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values }: Doc) => {
      if (operator === "In") return key in labels && values.includes(labels[key]);
      if (operator === "Exists") return key in labels;
      throw new Error(`no evaluator knows the operator ${operator}`);
    })
  );
}
