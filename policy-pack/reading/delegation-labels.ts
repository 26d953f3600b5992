/** Labels by which a namespace takes part in delegation between namespaces. */
import { CONSUMER_LABEL, PROVIDER_LABEL } from "../../topology/kagent";
import type { StackObject } from "../framework/object";

export const DELEGATION_LABELS = [CONSUMER_LABEL, PROVIDER_LABEL] as const;

export const rolesOfNamespace = (namespace: StackObject): ReadonlySet<string> => {
  const labels = namespace.labels();
  return new Set(DELEGATION_LABELS.filter((label) => labels.has(label)));
};
