/**
 * The live object, for a refresh and for an import.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (Read).
 */
import type { ReadArgs, State } from "../rpc/plugin";
import type { JsonObject } from "../rpc/values";
import type { Access } from "./access";
import { inputsFrom } from "./compare";
import { fieldManagerFor } from "./field-managers";
import { apiVersionOf, kindOf, parseId, withNamespace, withoutStatus } from "./manifest";
import { normalise } from "./normalise";
import { fromState, manifestOf, protect, toState } from "./state";
import { kindOfType, typeOf } from "./types";

/** Undefined when the object is gone. */
export async function readObject(
  { id, urn, inputs: marked, properties }: ReadArgs,
  access: Access,
): Promise<(State & { inputs: JsonObject }) | undefined> {
  const before = fromState(properties);
  const known = normalise(manifestOf(marked));
  const { namespace, name } = parseId(id);
  const kind =
    kindOf(known) === "" ? kindOfType(typeOf(urn)) : { apiVersion: apiVersionOf(known), kind: kindOf(known) };
  const target = withNamespace({ ...kind, metadata: { name } }, namespace);
  const live = await access.unlessGone((cluster) => cluster.get(target, name, access.signal));
  if (live === undefined) return undefined;
  const isImport = Object.keys(known).length === 0;
  const inputs = isImport ? normalise(withoutStatus(live)) : inputsFrom(live, known);
  const checkpoint = {
    live,
    inputs,
    fieldManager: fieldManagerFor(known, before.fieldManager),
    initialApiVersion: before.initialApiVersion || apiVersionOf(live),
  };
  return { id, inputs: protect(inputs, marked), properties: toState(checkpoint, marked) };
}
