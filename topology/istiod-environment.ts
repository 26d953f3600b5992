/** What a pod of istiod says of its environment. Source: istiod 1.31 and its chart. */
import { GATEWAY_SCOPE } from "./istio";
import { asList, asMap } from "./loose";

export const ISTIOD_CONTAINER = "discovery";

/** A text; nothing; or something that stands elsewhere, such as in a ConfigMap. */
export type Variable = { readonly text: string } | "nothing" | "elsewhere";

export function istiodVariable(podSpec: unknown, wanted: string): Variable {
  const container = asList(asMap(podSpec).containers)
    .map(asMap)
    .find(({ name }) => name === ISTIOD_CONTAINER);
  if (container === undefined) return "elsewhere";
  // Of two of one name the later one counts, and either before what comes from a whole ConfigMap or Secret.
  const variable = asList(container.env)
    .map(asMap)
    .findLast(({ name }) => name === wanted);
  if (variable === undefined) return asList(container.envFrom).length > 0 ? "elsewhere" : "nothing";
  const { value = "", valueFrom } = variable;
  return valueFrom !== undefined || String(value).includes("$(") ? "elsewhere" : { text: String(value) };
}

/** As Go's strconv.ParseBool has it. */
const TRUE = /^(1|t|T|true|TRUE|True)$/;

/** Whether gateways take Gateways of their own namespace only; undefined where the pod does not say. */
export function scopesGateways(podSpec: unknown): boolean | undefined {
  const said = Object.keys(GATEWAY_SCOPE).map((name) => istiodVariable(podSpec, name));
  if (said.includes("elsewhere")) return undefined;
  return said.every((one) => typeof one === "object" && TRUE.test(one.text));
}
