/**
 * Pods that the selectors of NetworkPolicies speak of: one of each kind, and namespaces for them. Like one address of every class,
 * they make a proof about what it was given one about everybody: whoever a policy opens to is among those who are tried.
 */
import { NAMESPACE_NAME_LABEL } from "../../topology/index";
import { ANYBODY } from "./named";
import { DIRECTIONS, rulesOf } from "./network";
import { type Doc, type Labels, type Objects, selects } from "./objects";

/** A namespace that nobody governs, and that nobody can be asked to name so. */
export const ROGUE_NAMESPACE = "kagent-a2a-rogue";

export interface SpokenPod {
  readonly namespace: string;
  readonly labels: Labels;
  /** Whether a policy isolates it, and not only lets it through. */
  readonly isSubject: boolean;
}
export interface Spoken {
  readonly pods: readonly SpokenPod[];
  /** Those that are in no namespace that is there already. */
  readonly namespaces: readonly Doc[];
}

/** Smallest sets of labels that a selector takes, each as good as any other that it takes. */
function labelsFor(selector: Doc): Labels[] {
  let sets: Labels[] = [{ ...selector?.matchLabels }];
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const options: readonly string[] = operator === "In" ? values : operator === "Exists" ? [ANYBODY] : [];
    if (options.length > 0)
      sets = sets.flatMap((set) => (key in set ? [set] : options.map((value) => ({ ...set, [key]: value }))));
  }
  return sets.filter((labels) => selects(selector ?? {}, labels));
}

/** @param objects with the policies whose selectors count, and the namespaces that are there */
export function spokenOf(objects: Objects): Spoken {
  const pods = new Map<string, SpokenPod>();
  const namespaces = new Map<string, Doc>();
  const known = new Set(objects.all("Namespace").map(({ metadata }) => metadata.name));
  const add = (places: readonly string[], selector: Doc, isSubject: boolean) => {
    for (const namespace of places)
      for (const labels of labelsFor(selector)) {
        const key = JSON.stringify([namespace, Object.entries(labels).sort(), isSubject]);
        pods.set(key, { namespace, labels, isSubject });
      }
  };
  /** By its name where the selector tells it, or one of our own with these labels. */
  const placeWith = (labels: Labels): string => {
    const own = JSON.stringify(Object.entries(labels).sort());
    const name =
      labels[NAMESPACE_NAME_LABEL] ?? (own === "[]" ? ROGUE_NAMESPACE : `${ROGUE_NAMESPACE} with ${own}`);
    if (known.has(name)) return name;
    const metadata = { name, labels: { ...namespaces.get(name)?.metadata.labels, ...labels } };
    namespaces.set(name, { apiVersion: "v1", kind: "Namespace", metadata });
    return name;
  };
  const done = new Set<string>();
  for (const policy of objects.all("NetworkPolicy")) {
    const home: string = policy.metadata.namespace;
    add([home], policy.spec.podSelector, true);
    for (const { namespaceSelector, podSelector, ipBlock } of DIRECTIONS.flatMap((direction) =>
      rulesOf(policy, direction).flatMap(({ peers }) => peers),
    )) {
      if (ipBlock != null) continue;
      const key = JSON.stringify([namespaceSelector ?? home, podSelector]);
      if (done.has(key)) continue;
      done.add(key);
      add(
        namespaceSelector == null ? [home] : labelsFor(namespaceSelector).map(placeWith),
        podSelector,
        false,
      );
    }
  }
  return { pods: [...pods.values()], namespaces: [...namespaces.values()] };
}
