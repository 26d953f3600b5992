/** The configuration's documentation, made from its schema. */
import { apiKeyCommand } from "./api-keys";
import { API_KEYS_KEY } from "./encrypted";
import { TUNABLE_VALUES } from "./platform-tunable";
import { configurationJsonSchema, type JsonSchema } from "./shape";

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(" or ");
  if (schema.type === "array")
    return `list of ${schema.items === undefined ? "values" : typeOf(schema.items)}`;
  if (schema.properties !== undefined) return "map";
  const inner = schema.additionalProperties;
  if (schema.type === "object") {
    if (typeof inner !== "object" || (inner.type === undefined && inner.properties === undefined))
      return "map";
    return inner.properties === undefined ? `map of ${typeOf(inner)}` : "map by name";
  }
  return (
    { integer: "whole number", number: "whole number", boolean: "true or false", string: "text" }[
      schema.type ?? ""
    ] ?? "text"
  );
}

/** Ends a description where the default is no value of its own. */
const DESCRIBED_DEFAULT = / Default: (.*)\.$/;

function rows(schema: JsonSchema, key: string, required: boolean): Row[] {
  const { description = "" } = schema;
  const fallback =
    schema.default !== undefined
      ? `\`${JSON.stringify(schema.default)}\``
      : required
        ? "**required**"
        : (DESCRIBED_DEFAULT.exec(description)?.[1] ?? "none");
  const own: Row = {
    key,
    type: typeOf(schema),
    fallback,
    meaning: description.replace(DESCRIBED_DEFAULT, ""),
  };
  return [own, ...children(schema, key)];
}

function children(schema: JsonSchema, key: string): Row[] {
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([name, child]) =>
      rows(child, key === "" ? name : `${key}.${name}`, schema.required?.includes(name) ?? false),
    );
  if (typeof schema.additionalProperties === "object")
    return children(schema.additionalProperties, `${key}.<name>`);
  if (schema.items !== undefined) return children(schema.items, `${key}[]`);
  return [];
}

function helmValues(): string[] {
  return [
    "## Helm values",
    "",
    "What may be set below `platform.<system>.values.<chart>`, with everything below it. Anything else is refused: the layers rely on",
    "what the stack writes there, or nobody asked what they make of another value. The tag of a system's own image must be of a version",
    "that the stack can govern. `environment: production` also refuses fewer than two replicas, and no disruption budget.",
    "",
    "| chart | values |",
    "|---|---|",
    ...Object.entries(TUNABLE_VALUES).map(
      ([chart, paths]) =>
        `| ${chart} | ${
          [...paths]
            .sort()
            .map((path) => `\`${path}\``)
            .join(", ") || "none"
        } |`,
    ),
    "",
  ];
}

export function configurationDocument(): string {
  const schema = configurationJsonSchema();
  const sections = Object.entries(schema.properties ?? {}).map(([name, part]) => {
    const all = rows(part, name, schema.required?.includes(name) ?? false);
    const table = all.map(
      ({ key, type, fallback, meaning }) =>
        `| \`${key}\` | ${cell(type)} | ${cell(fallback)} | ${cell(meaning)} |`,
    );
    return [`## ${name}`, "", "| key | type | default | meaning |", "|---|---|---|---|", ...table, ""].join(
      "\n",
    );
  });
  return [
    "# Configuration",
    "",
    "<!-- Written by `npm run docs` from topology/schema.ts. Edit that file. -->",
    "",
    "Everything stands in `Pulumi.<stack>.yaml` below `config:`, with the prefix `kagent-a2a:`, and in plain but for API keys.",
    "`Pulumi.dev.yaml` is a complete example to copy. Unknown keys are errors; all problems are reported at once.",
    "A key without the prefix, or in `Pulumi.yaml`, is an error too: Pulumi would deploy it, and nobody who reviews the stack file sees it.",
    "",
    ...sections,
    ...helmValues(),
    `## ${API_KEYS_KEY}`,
    "",
    "Secret: API keys of models, by tenant and model. Set each with the Pulumi CLI, which encrypts it:",
    "",
    "```sh",
    apiKeyCommand("team-alpha", "gpt", "dev"),
    "```",
    "",
  ].join("\n");
}
