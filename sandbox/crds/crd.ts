/** What this project reads of a CustomResourceDefinition; everything else in it is carried along unread. */
export interface Crd {
  apiVersion: "apiextensions.k8s.io/v1";
  kind: "CustomResourceDefinition";
  metadata: { name: string; [more: string]: unknown };
  spec: {
    group: string;
    names: { kind: string; plural: string; [more: string]: unknown };
    scope: string;
    versions: CrdVersion[];
    [more: string]: unknown;
  };
}

export interface CrdVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema: { openAPIV3Schema: object };
  [more: string]: unknown;
}
