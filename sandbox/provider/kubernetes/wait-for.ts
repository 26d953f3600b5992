/**
 * What `pulumi.com/waitFor` asks for: `condition=Type[=Status]`, `jsonpath={.path}[=value]`, or a JSON array of these.
 * Source: pulumi/pulumi-kubernetes provider/pkg/metadata/overrides.go (ReadyCondition), provider/pkg/jsonpath,
 * provider/pkg/await/condition/kubectl.go.
 */
import { isObject, type Json } from "../rpc/values";
import { at, type Manifest } from "./manifest";

export interface Expectation {
  text: string;
  /** Undefined when it holds, otherwise what is there instead. */
  missing(object: Manifest): string | undefined;
}

export function parseWaitFor(annotation: string): Expectation[] {
  let values: unknown = annotation;
  try {
    values = JSON.parse(annotation);
  } catch {
    // A single expression is not JSON.
  }
  const expressions = Array.isArray(values) ? values.map(String) : [annotation];
  if (expressions.length === 0)
    throw new Error("pulumi.com/waitFor: at least one condition must be specified");
  return expressions.map((expression) => {
    if (expression.startsWith("condition=")) return conditionOf(expression);
    if (expression.startsWith("jsonpath=")) return jsonPathOf(expression);
    throw new Error(`pulumi.com/waitFor: expected a "jsonpath=" or "condition=" prefix, got "${expression}"`);
  });
}

function conditionOf(expression: string): Expectation {
  const [, type = "", wanted = "True"] = expression.split("=");
  const same = (a: Json | undefined, b: string) => String(a).toLowerCase() === b.toLowerCase();
  return {
    text: expression,
    missing(object) {
      const conditions = at(object, "status", "conditions");
      const found = (Array.isArray(conditions) ? conditions : []).find((entry) =>
        same(at(entry, "type"), type),
      );
      if (found === undefined) return `there is no condition ${type}`;
      const generation = Number(at(object, "metadata", "generation") ?? 0);
      const observed = at(found, "observedGeneration") ?? at(object, "status", "observedGeneration");
      if (observed !== undefined && Number(observed) < generation)
        return `condition ${type} is of an older generation`;
      if (same(at(found, "status"), wanted)) return undefined;
      const why = [at(found, "reason"), at(found, "message")].filter(
        (part) => part !== undefined && part !== "",
      );
      return `condition ${type} is ${String(at(found, "status"))}${why.length > 0 ? ` (${why.join(": ")})` : ""}`;
    },
  };
}

/** The part of JSONPath that waiting needs: keys, indexes and one kind of filter. */
type Step = { key: string } | { index: number } | { field: string; equals: string };

function jsonPathOf(expression: string): Expectation {
  const match = /^jsonpath=\{\s*\$?(.*?)\s*\}(?:=(.+))?$/.exec(expression);
  if (match === null) {
    throw new Error(
      `pulumi.com/waitFor: format should be jsonpath={.path} or jsonpath={.path}=value, got "${expression}"`,
    );
  }
  const [, path = "", wanted] = match;
  const steps = parseSteps(path);
  return {
    text: expression,
    missing(object) {
      const value = steps.reduce<Json | undefined>(follow, object);
      if (value === undefined) return `there is no ${path}`;
      if (wanted === undefined || String(value) === wanted) return undefined;
      return isObject(value) || Array.isArray(value)
        ? `${path} is not a plain value`
        : `${path} is ${String(value)}`;
    },
  };
}

const STEP =
  /^(?:\.([\w-]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]|\[\?\(?@\.([\w.-]+)\s*==\s*(?:'([^']*)'|"([^"]*)")\)?\])/;

function parseSteps(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== "") {
    const match = STEP.exec(rest);
    if (match === null)
      throw new Error(`pulumi.com/waitFor: the path {${path}} is not understood at "${rest}"`);
    const [whole, name, index, single, double, field, left, right] = match;
    if (field !== undefined) steps.push({ field, equals: left ?? right ?? "" });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else steps.push({ key: name ?? single ?? double ?? "" });
    rest = rest.slice(whole.length);
  }
  return steps;
}

function follow(value: Json | undefined, step: Step): Json | undefined {
  if ("key" in step) return at(value, step.key);
  if (!Array.isArray(value)) return undefined;
  if ("index" in step) return value[step.index];
  return value.find((entry) => String(at(entry, ...step.field.split("."))) === step.equals);
}
