/**
 * A small vocabulary for structural schemas: the subset of OpenAPI v3 that a CustomResourceDefinition may hold.
 * Source: kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions.
 */

/** A rule in CEL that the API server checks on every write (x-kubernetes-validations). */
export interface Rule {
  rule: string;
  message: string;
}

export interface Schema {
  type?: "object" | "array" | "string" | "integer" | "boolean";
  description?: string;
  format?: string;
  enum?: readonly string[];
  pattern?: string;
  default?: unknown;
  nullable?: boolean;
  minimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  additionalProperties?: Schema;
  anyOf?: readonly Schema[];
  "x-kubernetes-int-or-string"?: true;
  "x-kubernetes-list-type"?: "atomic" | "map";
  "x-kubernetes-list-map-keys"?: readonly string[];
  "x-kubernetes-map-type"?: "atomic";
  "x-kubernetes-preserve-unknown-fields"?: true;
  "x-kubernetes-validations"?: readonly Rule[];
}

type Properties = Readonly<Record<string, Schema>>;

/** An object with these fields and no others. */
export function object(properties: Properties, more: Schema = {}): Schema {
  return { type: "object", properties, ...more };
}

/** An object whose fields beyond these are kept as they are: what they mean is checked by whoever reads them. */
export function open(properties: Properties = {}, more: Schema = {}): Schema {
  const fields = Object.keys(properties).length > 0 ? { properties } : {};
  return { type: "object", "x-kubernetes-preserve-unknown-fields": true, ...fields, ...more };
}

export function required(...fields: string[]): Schema {
  return { required: fields };
}

export function rules(...list: [message: string, rule: string][]): Schema {
  return { "x-kubernetes-validations": list.map(([message, rule]) => ({ message, rule })) };
}

export function text(more: Schema = {}): Schema {
  return { type: "string", ...more };
}

export function oneOf(...values: string[]): Schema {
  return { type: "string", enum: values };
}

export function integer(more: Schema = {}): Schema {
  return { type: "integer", ...more };
}

export function flag(more: Schema = {}): Schema {
  return { type: "boolean", ...more };
}

export function list(items: Schema, more: Schema = {}): Schema {
  return { type: "array", items, ...more };
}

/** A list that server-side apply owns as a whole. */
export function atomicList(items: Schema): Schema {
  return list(items, { "x-kubernetes-list-type": "atomic" });
}

export function mapOf(values: Schema, more: Schema = {}): Schema {
  return { type: "object", additionalProperties: values, ...more };
}

export const texts = list(text());
export const textMap = mapOf(text());
export const int64 = integer({ format: "int64" });
export const atomic: Schema = { "x-kubernetes-map-type": "atomic" };
