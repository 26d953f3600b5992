import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { CORE, HELM, KAGENT } from "../../reading/kinds";
import { looksLikeKey, namesCredential } from "../../reading/secrets";

/** Where a literal must not be a credential: everything but Secrets, which are for it. */
function* places(stack: StackIndex): Iterable<Field> {
  for (const object of stack.objects) {
    if (object.group === KAGENT) yield object.at("spec");
    if (object.at("metadata").isPresent) yield object.at("metadata", "annotations");
  }
  for (const object of stack.of(CORE, "ConfigMap")) for (const key of ["data", BINARY]) yield object.at(key);
  for (const object of stack.of(HELM, "Release"))
    for (const key of ["values", "repositoryOpts"]) yield object.at(key);
}
const BINARY = "binaryData";

/** Text that shows where a value comes from instead of being one, or that is made of signs alone. */
const REFERENCE = /^(\$\{.*\}|\$\(.*\)|<.*>|\{\{.*\}\}|[^A-Za-z0-9]*)$/;

/** @param named whether the field is named like a credential */
function* literal(field: Field, text: string, named: boolean): Iterable<Finding> {
  if (looksLikeKey(text)) yield field.finding("holds key material. Put it into a Secret and refer to that.");
  else if (named && !REFERENCE.test(text))
    yield field.finding(
      "is named like a credential and holds a literal. Put it into a Secret and refer to that.",
    );
}

function* literals(field: Field, named: boolean): Iterable<Finding> {
  const { value } = field;
  if (typeof value === "string" || (named && typeof value === "number")) {
    yield* literal(field, String(value), named);
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

function* binary(data: Field): Iterable<Finding> {
  for (const [key, item] of data.entries())
    yield* literal(item, Buffer.from(item.text() ?? "", "base64").toString("latin1"), namesCredential(key));
}

export const noKeyMaterial = rule({
  name: "secrets-no-key-material",
  layer: "secrets",
  severity: "critical",
  description:
    "No key, token or password stands in an object of kagent, a ConfigMap, a Helm value or an annotation.",
  why: "All of these are readable by people who may not read Secrets, and lie in plain text in the state of the stack.",
  remediation: [
    "Put the value into a Secret from secret stack configuration or from External Secrets, and refer to it:",
    "  apiKeySecret: gpt-api-key",
    "  env: [{name: API_KEY, valueFrom: {secretKeyRef: {name: search-key, key: key}}}]",
  ],
  subjects: places,
  check: (place) => (place.key === BINARY ? binary(place) : literals(place, false)),
});
