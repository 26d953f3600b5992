/**
 * What is kept of an object in Pulumi's state: the live object, the inputs it came from, and who applied it. The
 * official provider's form, so that either provider can go on with a stack that the other began.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (checkpointObject, parseCheckpointObject).
 */
import { isObject, type JsonObject, makeSecret, markSecrets, plain } from "../rpc/values";
import { toKubernetesKeys, toSdkKeys } from "./dashed-keys";
import { isSecretKind, type Manifest, withoutMetadata } from "./manifest";

export interface Checkpoint {
  live: Manifest;
  inputs: Manifest;
  fieldManager: string;
  initialApiVersion: string;
}

/** `marked` are the inputs as the program marked them: what is secret there is secret in the state. */
export function toState(checkpoint: Checkpoint, marked: JsonObject): JsonObject {
  const live = withoutMetadata(checkpoint.live, "managedFields");
  return {
    ...protect(live, marked),
    __inputs: protect(checkpoint.inputs, marked),
    __fieldManager: checkpoint.fieldManager,
    __initialApiVersion: checkpoint.initialApiVersion,
  };
}

export function fromState(state: JsonObject): Checkpoint {
  const { __inputs, __fieldManager, __initialApiVersion, ...live } = plain(state);
  const manifest = toKubernetesKeys(live);
  return {
    live: manifest,
    inputs: isObject(__inputs) ? toKubernetesKeys(__inputs) : {},
    fieldManager: typeof __fieldManager === "string" ? __fieldManager : "",
    initialApiVersion:
      typeof __initialApiVersion === "string" ? __initialApiVersion : String(manifest.apiVersion ?? ""),
  };
}

/** The manifest for the engine: contents of a Secret are always secret, the rest as it was marked. */
export function protect(manifest: Manifest, marked: JsonObject): JsonObject {
  const result = markSecrets(toSdkKeys(manifest), marked);
  if (isSecretKind(manifest)) {
    for (const field of ["data", "stringData"]) {
      if (result[field] !== undefined) result[field] = makeSecret(result[field]);
    }
  }
  return result;
}

/** A resource's inputs as the API server takes them. */
export function manifestOf(marked: JsonObject): Manifest {
  return toKubernetesKeys(plain(marked));
}
