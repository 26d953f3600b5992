import type { KubeObject } from "../../../support/kube-api";

/** A case of a table: what is changed on an object that was deployed, and what the API server then says. */
export interface AdmissionCase {
  readonly title: string;
  /** Values by dotted path; `undefined` removes. */
  readonly change: Readonly<Record<string, unknown>>;
  /** What the refusal says; a case without it must be admitted. */
  readonly refused?: string;
}

/** A copy with some values changed: `spec.declarative.tools.0.agent.name`. */
export function changed<T>(object: T, change: AdmissionCase["change"]): T {
  const copy = structuredClone(object);
  for (const [path, value] of Object.entries(change)) {
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    let at = copy as Record<string, unknown>;
    for (const step of steps) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return copy;
}

/** What a user would write: nothing that the API server added. */
export function written({ apiVersion, kind, metadata, spec }: KubeObject, name = metadata.name): KubeObject {
  const { namespace, labels } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, labels, ...(namespace !== undefined && { namespace }) },
    spec,
  };
}
