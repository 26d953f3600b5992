import * as pulumi from "@pulumi/pulumi";

const ATTEMPTS = 20;
const PAUSE_MS = 500;

/** The API server's own policies say `denied request`, a webhook such as Gatekeeper's `denied the request`. */
const DENIED = /denied (the )?request/;

/**
 * Changed admission rules are in force up to a second after the API server took them (measured, kube-apiserver 1.36), and
 * Gatekeeper's a moment after that. What the old rules refuse and the new ones admit is tried again until then.
 */
export function admissionPatience(): pulumi.ErrorHook {
  return new pulumi.ErrorHook("admission-patience", async ({ errors }) => {
    if (!DENIED.test(errors[0] ?? "") || errors.length > ATTEMPTS) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return true;
  });
}
