/** What of a stack the engine refuses to delete. */
import type { Stack } from "@pulumi/pulumi/automation";
import { asList, asMap } from "../topology/loose";

interface Protected {
  readonly urn: string;
  /** `Release kagent/kagent-crds`. */
  readonly title: string;
}

/**
 * Resources of the stack's state that are protected. The engine meets them last: everything that depends on them is deleted by then
 * (measured, Pulumi 3.250), so whoever destroys asks first.
 */
export async function protectedResources(stack: Pick<Stack, "exportStack">): Promise<Protected[]> {
  const { resources } = asMap((await stack.exportStack()).deployment);
  return asList(resources)
    .map(asMap)
    .filter((resource) => resource.protect === true)
    .map(({ urn, type, id }) => ({
      urn: String(urn),
      title: `${String(type).split(":").at(-1)} ${id ?? ""}`,
    }));
}

/** In a sentence, with the way to lift it: the configuration cannot, where `environment: production` demands it. */
export const describeProtected = ({ urn, title }: Protected, stack: string): string =>
  [
    `${title.trim()} is protected, because users' data would go with it. Nothing was deleted.`,
    `      To delete it all the same: pulumi state unprotect --stack ${stack} --yes '${urn}'`,
  ].join("\n");
