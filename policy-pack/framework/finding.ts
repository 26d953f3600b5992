import type { StackObject } from "./object";

/** One thing that a rule refuses. */
export interface Finding {
  readonly object: StackObject;
  /** Field of the object; empty for the object as a whole. */
  readonly path: string;
  /** What is wrong and how to mend it. Holds names, namespaces and principals, never the value of another property. */
  readonly message: string;
  /** The rule could not go on to its other objects: whatever is wrong with them is not told, so nothing exempts this. */
  readonly endsRule?: boolean;
}

/** `NetworkPolicy team-beta/default-deny (networking.k8s.io/v1), spec.policyTypes: ...` */
export function describeFinding({ object, path, message }: Finding): string {
  const where = path === "" ? "" : `, ${path}`;
  return `${object.title} (${object.apiVersion || "no apiVersion"})${where}: ${message}`;
}
