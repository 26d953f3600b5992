/** Reconciler layer: which namespaces the kagent controller lets refer to an agent. It is a field of the callee. */
import { type Agent, namespaceSelector } from "../../topology/index";

/**
 * The controller allows references from the agent's own namespace without asking (source: kagent 0.10 reconciler), and checks
 * this field only when a CALLER reconciles: narrowing it does not stop a caller that runs (measured). Network and identity do.
 */
export function allowedNamespaces({ tenant, callers }: Agent): Record<string, unknown> {
  const namespaces = [...new Set(callers.map((caller) => caller.tenant))].filter((name) => name !== tenant);
  if (namespaces.length === 0) return { from: "Same" };
  return { from: "Selector", selector: namespaceSelector(...namespaces) };
}
