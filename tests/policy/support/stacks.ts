/** Stacks to check: the shipped one in all its forms, as plain manifests. */
import { join } from "node:path";
import type { Manifest } from "../../../components/plan/manifest";
import { plan } from "../../../components/plan/plan";
import { readStackFile, readTopology } from "../../../topology/index";
import type { Edit } from "../../support/dev";

export interface Variant {
  readonly routing?: "gateway" | "direct";
  readonly admission?: "gatekeeper" | "native";
  /** More of the configuration. */
  readonly edit?: Edit;
}

export const VARIANTS: readonly Required<Omit<Variant, "edit">>[] = (["gateway", "direct"] as const).flatMap(
  (routing) => (["gatekeeper", "native"] as const).map((admission) => ({ routing, admission })),
);

export function shippedConfiguration({ edit = () => {}, ...variant }: Variant = {}): Record<string, unknown> {
  const configuration = {
    ...readStackFile(join(__dirname, "..", "..", "..", "Pulumi.dev.yaml")),
    ...variant,
  };
  edit(configuration);
  return configuration;
}

/** Manifests of a configuration, as the program plans them. */
export const manifestsOf = (configuration: Readonly<Record<string, unknown>>): Manifest[] =>
  plan(readTopology(configuration)).map(({ manifest }) => manifest);

/** The stack that ships. */
export const shipped = (variant: Variant = {}): Manifest[] => manifestsOf(shippedConfiguration(variant));
