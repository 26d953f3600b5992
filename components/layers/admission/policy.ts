/** The form that both admission engines are made from: one CEL source, one set of parameters. */
import { KAGENT_API_VERSION } from "../../../topology/kagent";

/**
 * What CEL knows of the graph, as `variables.params`. One type throughout, a map of maps to lists of texts, because the
 * API server's CEL refuses a literal of mixed types, and lookups by key keep the cost of a check independent of its size.
 */
export type Parameters = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/** Refused unless `expression` holds. The message is a CEL expression too, so that it can name the object. */
export interface Validation {
  readonly expression: string;
  readonly message: string;
}

export interface AdmissionPolicy {
  /** Lower-case name of the policy, also of its binding or constraint. */
  readonly name: string;
  /** Kind of the Gatekeeper constraint. */
  readonly constraintKind: string;
  readonly description: string;
  readonly match: {
    readonly apiGroup: string;
    readonly kinds: readonly { readonly kind: string; readonly resources: readonly string[] }[];
  };
  readonly parameters: Parameters;
  /** In the order in which they are evaluated: each may use those before it. */
  readonly variables: readonly Variable[];
  readonly validations: readonly Validation[];
}

/**
 * An update that leaves the spec as it is: finalizers, annotations, field ownership. What stands was admitted when it was declared;
 * after a revocation the engine rewrites field ownership before it changes the object (provider 4.34), and a deletion must be able to
 * end. An older API version is judged always: it could drop fields that it does not know.
 */
export const UNCHANGED_SPEC: Variable = {
  name: "unchanged",
  expression: `object.apiVersion == '${KAGENT_API_VERSION}' && oldObject != null && has(oldObject.spec) && has(object.spec) && object.spec == oldObject.spec`,
};

/**
 * A preview of the engine that deploys the stack: it sends what it is about to create or change as a dry run, while the rules in
 * force are still those from before. Gatekeeper's generated policies answer 422 to it, at which the provider gives the preview up; at
 * 403 it goes on (measured, @pulumi/kubernetes 4.32 and Gatekeeper 3.23.1). Nothing of a dry run is stored, so nothing is let in; the
 * policy pack judges the same preview. Every other dry run is judged.
 */
const PREVIEW: Variable = {
  name: "preview",
  expression:
    "has(request.dryRun) && request.dryRun && has(request.options) && has(request.options.fieldManager) && request.options.fieldManager.startsWith('pulumi-kubernetes')",
};

/** The policy, but for what is only previewed. */
export const exceptPreviews = (policy: AdmissionPolicy): AdmissionPolicy => ({
  ...policy,
  variables: [PREVIEW, ...policy.variables],
  validations: policy.validations.map(({ expression, message }) => ({
    expression: `variables.preview || (${expression})`,
    message,
  })),
});
