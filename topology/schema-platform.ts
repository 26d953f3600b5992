/** Configuration key `platform`: which parts of the platform the stack installs, and how they differ from what it ships. */
import * as semver from "semver";
import { z } from "zod";
import { type ChartName, SYSTEM_CHARTS, SYSTEM_TITLES, type System } from "./platform";
import { flag } from "./schema-values";

const version = () =>
  z
    .string()
    .refine((text) => semver.valid(text) !== null, { error: "must be an exact version such as 1.31.0" });

const repository = () =>
  z.string().regex(/^(https|oci):\/\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d+)?(\/[-\w./]*)?$/, {
    error: "must begin with https:// or oci:// and carry no credentials",
  });

const values = (charts: readonly ChartName[]) =>
  z
    .strictObject(
      Object.fromEntries(
        charts.map((chart) => [
          chart,
          z.record(z.string(), z.unknown()).default({}).describe(`More Helm values of chart ${chart}.`),
        ]),
      ),
    )
    .prefault({})
    .describe(
      "More Helm values, by chart, merged over what the stack ships. Values that govern are refused.",
    );

function system<Key extends System>(key: Key) {
  const title = SYSTEM_TITLES[key];
  return z.strictObject({
    install: flag()
      .default(true)
      .describe(`Whether the stack installs ${title}. With false it must be on the cluster already.`),
    repository: repository()
      .optional()
      .describe("Mirror to take the charts from: `https://host/path` or `oci://host/path`."),
    values: values(SYSTEM_CHARTS[key]),
  });
}

const versioned = <Key extends System>(key: Key) =>
  system(key)
    .extend({
      version: version().optional().describe("Exact chart version instead of the one that is shipped."),
    })
    .prefault({})
    .describe(`${SYSTEM_TITLES[key]}: charts ${SYSTEM_CHARTS[key].join(", ")}.`);

export const platform = z
  .strictObject({
    highAvailability: flag()
      .default(true)
      .describe("Two or more replicas of everything that serves, with disruption budgets."),
    protect: flag()
      .default(true)
      .describe(
        "Refuse to delete what holds users' data: the CRDs of kagent and the mesh's root certificate authority.",
      ),
    outboundTraffic: z
      .enum(["registry-only", "any"])
      .default("registry-only")
      .describe(
        "Whether the mesh lets pods reach hosts for which there is no ServiceEntry; of an Istio that is there already, what it must be.",
      ),
    certManager: versioned("certManager"),
    externalSecrets: versioned("externalSecrets"),
    gatekeeper: versioned("gatekeeper"),
    istio: versioned("istio"),
    gateway: versioned("gateway"),
    kagent: system("kagent")
      .prefault({})
      .describe(`kagent: charts ${SYSTEM_CHARTS.kagent.join(", ")}. Their version is \`kagent.version\`.`),
  })
  .describe("What the stack's objects stand on, and which of it the stack installs by Helm.");

export type PlatformSettings = z.output<typeof platform>;
