/** What the engine does to the resources of a stack, in words. */
import type { EngineEvent } from "@pulumi/pulumi/automation";

export interface Step {
  /** `create`, `same`, `update`, `delete`, and the parts of a replacement. */
  readonly operation: string;
  readonly apiVersion?: string;
  readonly kind: string;
  readonly namespace?: string;
  /** Of the object; of the resource for what is none, such as a password. */
  readonly name: string;
}

/**
 * The step that an event reports. Components and providers do nothing by themselves: they are no step. Only names are taken of a
 * resource, since its values may be secret.
 */
export function stepOf({ resOutputsEvent }: EngineEvent): Step | undefined {
  const { op, type, urn, old, new: next } = resOutputsEvent?.metadata ?? {};
  if (op === undefined || type === undefined || urn === undefined) return undefined;
  if (/^(pulumi|kagent-a2a):/.test(type)) return undefined;
  const { apiVersion, metadata, ...inputs } = ((next ?? old)?.inputs ?? {}) as {
    apiVersion?: string;
    metadata?: Named;
  } & Named;
  // A Helm release has its name beside its values.
  const { name = urn.split("::").at(-1) ?? "", namespace } = metadata ?? inputs;
  return {
    operation: op,
    kind: type.split(":").at(-1) ?? type,
    name,
    ...(namespace !== undefined && { namespace }),
    ...(apiVersion !== undefined && { apiVersion }),
  };
}

interface Named {
  readonly name?: string;
  readonly namespace?: string;
}

/** `NetworkPolicy team-alpha/agent-orchestrator`. */
export const titleOf = ({ kind, namespace, name }: Step): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
