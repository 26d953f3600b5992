/**
 * Inputs as they are kept: with a name, in a namespace, in their normal form.
 * Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (Check), provider/pkg/metadata/naming.go.
 */
import { createHash, randomBytes } from "node:crypto";
import type { CheckArgs } from "../rpc/plugin";
import { isObject, type JsonObject, plain, UNKNOWN } from "../rpc/values";
import { annotation, at, type Manifest, metadataOf, nameOf } from "./manifest";
import { normalise } from "./normalise";
import { resourceName } from "./types";

export function checkedInputs(args: CheckArgs, given: Manifest): Manifest {
  const normal = normalise(given);
  const metadata = normal.metadata;
  if (metadata === UNKNOWN || nameOf(normal) !== "") return normal;
  if (metadata !== undefined && !isObject(metadata)) throw new Error("metadata is not an object");
  if (at(normal, "metadata", "generateName") !== undefined) {
    throw new Error("the `.metadata.generateName` field is not supported in Server-Side Apply mode");
  }
  return withName(normal, automaticName(args));
}

function automaticName({ olds, urn, proposedName, randomSeed }: CheckArgs): string {
  const before = plain(olds);
  if (annotation(before, "autonamed") === "true") return nameOf(before);
  if (proposedName) return proposedName;
  const seed =
    randomSeed.length > 0 ? createHash("sha256").update(randomSeed).update(urn).digest() : randomBytes(4);
  return `${resourceName(urn)}-${seed.subarray(0, 4).toString("hex")}`;
}

/** A name of the provider's choice may change with a replacement; the annotation says that it is one. */
function withName(manifest: Manifest, name: string): Manifest {
  const metadata = metadataOf(manifest);
  const annotations: JsonObject = { ...(isObject(metadata.annotations) ? metadata.annotations : {}) };
  annotations["pulumi.com/autonamed"] = "true";
  return { ...manifest, metadata: { ...metadata, name, annotations } };
}
