import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Crd } from "./crd";

const crdSchema = z.looseObject({
  apiVersion: z.literal("apiextensions.k8s.io/v1"),
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    group: z.string(),
    names: z.looseObject({ kind: z.string(), plural: z.string() }),
    scope: z.string(),
    versions: z.array(
      z.looseObject({
        name: z.string(),
        served: z.boolean(),
        storage: z.boolean(),
        schema: z.looseObject({ openAPIV3Schema: z.looseObject({}) }),
      }),
    ),
  }),
});

/** The CustomResourceDefinitions of a YAML text; throws when it holds anything else. */
export function parseCrds(text: string): Crd[] {
  return parseAllDocuments(text)
    .filter((document) => document.contents !== null)
    .map((document) => {
      const [error] = document.errors;
      if (error) throw error;
      return crdSchema.parse(document.toJS());
    });
}
