import type { Crd } from "../../../sandbox/crds";
import type { Rule, Schema } from "../../../sandbox/crds/structural/schema";

/** How a stand-in differs from the real definition. */
export interface Comparison {
  /** Each would make an API server answer differently: there must be none. */
  differences: string[];
  /** Where the stand-in takes what it is given and the real one looks closer. */
  open: string[];
}

/** Compares every version of a stand-in that has a schema with the same version of the real definition. */
export function compareCrds(ours: Crd, real: Crd): Comparison {
  const result: Comparison = { differences: [], open: [] };
  const differ = (what: string, mine: unknown, theirs: unknown) => {
    const [a, b] = [canonical(mine), canonical(theirs)];
    if (a !== b) result.differences.push(`${what}: ${a} here, ${b} there`);
  };
  differ("name", ours.metadata.name, real.metadata.name);
  differ("scope", ours.spec.scope, real.spec.scope);
  differ("names", ours.spec.names, real.spec.names);
  differ("served versions", served(ours), served(real));
  for (const version of ours.spec.versions) {
    const other = real.spec.versions.find(({ name }) => name === version.name);
    if (other === undefined) continue; // told by "served versions"
    differ(`${version.name} storage`, version.storage, other.storage);
    differ(`${version.name} subresources`, version.subresources, other.subresources);
    differ(`${version.name} selectableFields`, version.selectableFields, other.selectableFields);
    new Walk(result).compare(
      version.name,
      version.schema.openAPIV3Schema as Schema,
      other.schema.openAPIV3Schema as Schema,
    );
  }
  return result;
}

function served(crd: Crd): string[] {
  return crd.spec.versions
    .filter((version) => version.served)
    .map(({ name }) => name)
    .sort();
}

/** Everything that is written for people only. */
const unread = ["description", "example", "title"];
/** Compared one level deeper, not as a value. */
const structure = [
  "properties",
  "items",
  "additionalProperties",
  "required",
  "enum",
  "x-kubernetes-validations",
  "x-kubernetes-preserve-unknown-fields",
];

class Walk {
  constructor(private readonly result: Comparison) {}

  compare(path: string, ours: Schema, real: Schema): void {
    const isOpen = ours["x-kubernetes-preserve-unknown-fields"] === true;
    const realIsOpen = real["x-kubernetes-preserve-unknown-fields"] === true;
    if (isOpen && !realIsOpen) this.result.open.push(path);
    if (!isOpen && realIsOpen) this.report(path, "takes only known fields here, any there");
    this.compareKeywords(path, ours, real);
    this.compareSets(path, "required", ours.required, real.required);
    this.compareSets(path, "enum", ours.enum, real.enum);
    this.compareOrder(path, ours.enum, real.enum);
    if (!isOpen || ours["x-kubernetes-validations"]) {
      this.compareSets(path, "rules", ruleTexts(ours), ruleTexts(real));
    }
    this.compareFields(path, ours, real, isOpen);
    if (ours.items && real.items) this.compare(`${path}[]`, ours.items, real.items);
    if (ours.additionalProperties && real.additionalProperties) {
      this.compare(`${path}{}`, ours.additionalProperties, real.additionalProperties);
    }
    for (const key of ["items", "additionalProperties"] as const) {
      if ((ours[key] === undefined) !== (real[key] === undefined) && !isOpen)
        this.report(path, `${key} differ`);
    }
  }

  private compareKeywords(path: string, ours: Schema, real: Schema): void {
    const keywords = (schema: object) =>
      Object.fromEntries(
        Object.entries(schema).filter(([key]) => !structure.includes(key) && !unread.includes(key)),
      );
    const [mine, theirs] = [canonical(keywords(ours)), canonical(keywords(real))];
    if (mine !== theirs) this.report(path, `${mine} here, ${theirs} there`);
  }

  private compareFields(path: string, ours: Schema, real: Schema, isOpen: boolean): void {
    for (const [name, field] of Object.entries(ours.properties ?? {})) {
      const other = real.properties?.[name];
      if (other) this.compare(`${path}.${name}`, field, other);
      else this.report(`${path}.${name}`, "only here");
    }
    if (isOpen) return;
    for (const name of Object.keys(real.properties ?? {})) {
      if (ours.properties?.[name] === undefined) this.report(`${path}.${name}`, "only there");
    }
  }

  private compareSets(
    path: string,
    what: string,
    ours: readonly string[] = [],
    real: readonly string[] = [],
  ): void {
    for (const one of ours) if (!real.includes(one)) this.report(path, `${what}: only here: ${one}`);
    for (const one of real) if (!ours.includes(one)) this.report(path, `${what}: only there: ${one}`);
  }

  /** The API server lists them in this order when it refuses a value. */
  private compareOrder(path: string, ours: readonly string[] = [], real: readonly string[] = []): void {
    const known = ours.filter((one) => real.includes(one));
    if (canonical(known) !== canonical(real.filter((one) => ours.includes(one)))) {
      this.report(path, `enum: other order: ${ours.join(", ")}`);
    }
  }

  private report(path: string, difference: string): void {
    this.result.differences.push(`${path}: ${difference}`);
  }
}

function ruleTexts(schema: Schema): string[] {
  return (schema["x-kubernetes-validations"] ?? []).map((rule: Rule) => canonical(rule));
}

/** A text that is the same for two values exactly when they are equal; the order of keys does not count. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "nothing"
  );
}
