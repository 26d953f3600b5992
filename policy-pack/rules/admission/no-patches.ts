import { ISTIO_NAMESPACE } from "../../../topology/istio";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import { CORE, GOVERNING_GROUPS } from "../../reading/kinds";
import { OTHER_POLICY_KINDS } from "../../reading/other-policies";
import { governed } from "../../reading/scope";

const PATCH = /Patch$/;
/** Kinds of the core group whose parts decide who may do what. */
const CORE_PATCH = /^(Namespace|ServiceAccount|Secret|ResourceQuota|LimitRange)Patch$/;

/** Of groups whose other kinds do not govern. */
const isPolicyPatch = (patch: StackObject): boolean =>
  OTHER_POLICY_KINDS.some(({ group, kind }) => group === patch.group && `${kind}Patch` === patch.kind);

const governs = (patch: StackObject): boolean =>
  patch.group === CORE
    ? CORE_PATCH.test(patch.kind)
    : GOVERNING_GROUPS.has(patch.group) || isPolicyPatch(patch);

export const noPatches = rule({
  name: "admission-no-patches",
  layer: "admission",
  severity: "high",
  description:
    "Objects that govern, and those of governed namespaces and of the mesh's own, are written whole, not patched.",
  why: "A patch changes an object that stands elsewhere, and what comes out of the two cannot be checked here.",
  remediation: ["Change the object itself, in the stack that owns it."],
  subjects: (stack) => stack.objects.filter(({ kind }) => PATCH.test(kind)),
  *check(object, stack) {
    if (governs(object)) {
      yield object.root.finding("patches an object that governs. Change the object itself.");
      return;
    }
    const namespace = object.at("metadata", "namespace").text() ?? "";
    if (namespace === ISTIO_NAMESPACE || governed(stack).has(namespace))
      yield object.root.finding("patches an object beside those that govern. Change the object itself.");
  },
});
