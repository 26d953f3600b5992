import type { Crd } from "../crd";
import { object, open, type Schema } from "./schema";

export interface Column {
  name: string;
  jsonPath: string;
  type?: "string" | "date";
}

export interface Version {
  name: string;
  /** Without a schema the version takes whatever is written: it is served only because the real one serves it. */
  spec?: Schema;
  status?: Schema;
  columns?: Column[];
  selectableFields?: string[];
}

export interface Definition {
  group: string;
  kind: string;
  plural: string;
  shortNames?: string[];
  categories?: string[];
  /** The first one is stored. */
  versions: [Version, ...Version[]];
}

/** Wraps schemas of `spec` and `status` into the CustomResourceDefinition of a namespaced kind. */
export function definition(what: Definition): Crd {
  const { group, kind, plural, shortNames, categories } = what;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames && { shortNames }),
        ...(categories && { categories }),
      },
      scope: "Namespaced",
      versions: what.versions.map((version, index) => ({
        name: version.name,
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        additionalPrinterColumns: (version.columns ?? []).map((column) => ({ type: "string", ...column })),
        ...(version.selectableFields && {
          selectableFields: version.selectableFields.map((jsonPath) => ({ jsonPath })),
        }),
        schema: {
          openAPIV3Schema: object({
            apiVersion: { type: "string" },
            kind: { type: "string" },
            metadata: { type: "object" },
            spec: version.spec ?? open(),
            status: version.status ?? open(),
          }),
        },
      })),
    },
  };
}

/** A column that shows the status of one condition. */
export function conditionColumn(type: string): Column {
  return { name: type, jsonPath: `.status.conditions[?(@.type=='${type}')].status` };
}
