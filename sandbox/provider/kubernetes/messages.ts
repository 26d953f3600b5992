/** Errors as the user reads them: what was not done to which object, why, and no secret. */

import { NotReadyError } from "../rpc/plugin";
import type { JsonObject } from "../rpc/values";
import { isApiError } from "./api-server";
import type { Manifest } from "./manifest";
import { hiddenTexts, scrub } from "./scrub";

/** Runs a step on an object; `marked` tells which of its values are secret. */
export async function telling<T>(
  what: string,
  marked: JsonObject,
  manifest: Manifest,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const hidden = hiddenTexts(marked, manifest);
    const message = `${error instanceof Error ? error.message : String(error)}${hint(error)}`;
    if (error instanceof NotReadyError)
      throw new NotReadyError(scrub(message, hidden), error.id, error.properties);
    throw new Error(scrub(`${what}: ${message}`, hidden));
  }
}

/** The way out, where the API server's words do not hold it. */
function hint(error: unknown): string {
  if (isApiError(error, 409) && error.reason === "AlreadyExists") {
    return "; `pulumi import` takes over an object that is there";
  }
  if (isApiError(error, 409) && error.message.startsWith("Apply failed")) {
    return '; the annotation pulumi.com/patchForce: "true", or enablePatchForce of the provider, overwrites it';
  }
  return "";
}
