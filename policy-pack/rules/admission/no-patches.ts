import { rule } from "../../framework/rule";

const PATCH = /Patch$/;
/** Kinds whose parts decide who may do what. */
const GOVERNING =
  /^(Namespace|NetworkPolicy|Role|RoleBinding|ClusterRole|ClusterRoleBinding|ServiceAccount|Secret|ResourceQuota|LimitRange|ValidatingAdmissionPolicy|ValidatingAdmissionPolicyBinding|ValidatingWebhookConfiguration|CustomResource)Patch$/;

export const noPatches = rule({
  name: "admission-no-patches",
  layer: "admission",
  severity: "high",
  description: "Objects that govern are written whole, not patched.",
  why: "A patch changes an object that stands elsewhere, and what comes out of the two cannot be checked here.",
  remediation: ["Change the object itself, in the stack that owns it."],
  subjects: (stack) => stack.objects.filter(({ kind }) => PATCH.test(kind)),
  *check(object) {
    if (GOVERNING.test(object.kind))
      yield object.root.finding("patches an object that governs. Change the object itself.");
  },
});
