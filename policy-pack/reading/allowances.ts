/** Which namespaces an Agent lets refer to it (`spec.allowedNamespaces`, kagent 0.10). */
import type { StackIndex } from "../framework/stack-index";
import { type AgentView, agents } from "./agents";
import { namespacesByName } from "./flows";

/** Agents that say `Selector`. */
export const selecting = (stack: StackIndex): readonly AgentView[] =>
  agents(stack).filter(({ object }) => object.at("spec", "allowedNamespaces", "from").text() === "Selector");

/** Foreign namespaces that an Agent lets in by name; undefined where it selects by anything else. */
export function allowed({ object }: AgentView): readonly string[] | undefined {
  const at = object.at("spec", "allowedNamespaces");
  if (at.at("from").text() !== "Selector") return [];
  return namespacesByName(at.at("selector"));
}
