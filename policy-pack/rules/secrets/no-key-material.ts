import { KAGENT_API_GROUP } from "../../../topology/kagent";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { CORE, HELM } from "../../reading/kinds";
import { looksLikeKey, namesCredential } from "../../reading/secrets";

/** Where a literal must not be a credential: everything but Secrets, which are for it. */
function* places(stack: StackIndex): Iterable<Field> {
  for (const kind of ["Agent", "ModelConfig"])
    for (const object of stack.of(KAGENT_API_GROUP, kind)) yield object.at("spec");
  for (const object of stack.of(CORE, "ConfigMap")) yield object.at("data");
  for (const object of stack.of(HELM, "Release")) yield object.at("values");
  for (const object of stack.objects)
    if (object.at("metadata").isPresent) yield object.at("metadata", "annotations");
}

/** Text that shows where a value comes from instead of being one. */
const REFERENCE = /^(\$\{.*\}|\$\(.*\)|<.*>|\{\{.*\}\}|\*+)?$/;

function* literals(field: Field, named: boolean): Iterable<Finding> {
  // A value that only the engine knows was never written down.
  if (field.isUnknown) return;
  const { value } = field;
  if (typeof value === "string") {
    if (looksLikeKey(value))
      yield field.finding("holds key material. Put it into a Secret and refer to that.");
    else if (named && !REFERENCE.test(value))
      yield field.finding(
        "is named like a credential and holds a literal. Put it into a Secret and refer to that.",
      );
  } else if (Array.isArray(value)) {
    for (const item of field.items()) yield* literals(item, named);
  } else if (typeof value === "object" && value !== null) {
    const name = "name" in value && "value" in value ? field.at("name").value : undefined;
    for (const [key, item] of field.entries()) {
      const isValueOfPair = key === "value" && typeof name === "string" && namesCredential(name);
      // `checksum/secret` and the like tell a change, not the value.
      const isChecksum = key.startsWith("checksum/");
      yield* literals(item, (namesCredential(key) && !isChecksum) || isValueOfPair);
    }
  }
}

export const noKeyMaterial = rule({
  name: "secrets-no-key-material",
  layer: "secrets",
  severity: "critical",
  description:
    "No key, token or password stands in an Agent, ModelConfig, ConfigMap, Helm value or annotation.",
  why: "All of these are readable by people who may not read Secrets, and lie in plain text in the state of the stack.",
  remediation: [
    "Put the value into a Secret from secret stack configuration or from External Secrets, and refer to it:",
    "  apiKeySecret: gpt-api-key",
    "  env: [{name: API_KEY, valueFrom: {secretKeyRef: {name: search-key, key: key}}}]",
  ],
  subjects: places,
  check: (place) => literals(place, false),
});
