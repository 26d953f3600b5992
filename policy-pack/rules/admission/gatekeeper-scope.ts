import { KAGENT_API_GROUP } from "../../../topology/kagent";
import { GATEKEEPER_NAMESPACE } from "../../../topology/platform";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import { releasesOf } from "../../reading/releases";

const CHANGES = ["CREATE", "UPDATE"] as const;
const isGoverned = (group: string): boolean =>
  group === "" || group === KAGENT_API_GROUP || group.endsWith(".gatekeeper.sh");

function* scopeOf(asked: Field): Iterable<Finding> {
  for (const entry of asked.items()) {
    const groups = entry.at("apiGroups").texts();
    for (const group of groups)
      if (!isGoverned(group))
        yield entry.at("apiGroups").finding(`asks about group ${group}, which is not governed. Remove it.`);
    if (!groups.includes("")) continue;
    for (const resource of entry.at("resources").texts())
      if (resource !== "namespaces" && !resource.startsWith("namespaces/"))
        yield entry
          .at("resources")
          .finding(`asks about ${resource} of the core group. Only namespaces are governed there.`);
  }
}

function isAsked(asked: Field, group: string, resource: string): boolean {
  return asked.items().some((entry) => {
    const operations = entry.at("operations").texts();
    return (
      entry.at("apiGroups").texts().includes(group) &&
      entry.at("resources").texts().includes(resource) &&
      entry.at("apiVersions").texts().includes("*") &&
      ["*", undefined].includes(entry.at("scope").text()) &&
      CHANGES.every((change) => operations.includes(change) || operations.includes("*"))
    );
  });
}

function* exemptions(values: Field): Iterable<Finding> {
  const exempt = values.at("controllerManager", "exemptNamespaces");
  for (const namespace of exempt.items())
    if (namespace.text() !== GATEKEEPER_NAMESPACE)
      yield namespace.finding(`exempts ${namespace.text()}. Gatekeeper's own namespace alone may be exempt.`);
  const prefixes = values.at("controllerManager", "exemptNamespacePrefixes");
  if (prefixes.items().length > 0)
    yield prefixes.finding("exempts namespaces that nobody has named yet. Remove it.");
}

export const gatekeeperScope = rule({
  name: "admission-gatekeeper-scope",
  layer: "admission",
  severity: "high",
  description: "Gatekeeper's webhook is asked about what is governed, all of it and nothing else.",
  why: "It fails closed: asked about everything, its outage stops the whole cluster; asked about less, something governed passes it by (Gatekeeper 3.23).",
  remediation: [
    "List kagent.dev, namespaces and Gatekeeper's own groups in the values of chart gatekeeper:",
    "  validatingWebhookCustomRules:",
    '    - {apiGroups: [kagent.dev], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: ["*"], scope: "*"}',
  ],
  subjects: (stack) => releasesOf(stack, "gatekeeper"),
  *check(release) {
    const values = release.at("values");
    const asked = values.at("validatingWebhookCustomRules");
    if (!asked.isPresent || asked.items().length === 0) {
      yield asked.finding(
        "must list what the webhook is asked about: while it is down, everything else of the cluster goes on.",
      );
      return;
    }
    yield* scopeOf(asked);
    for (const [group, resource] of [
      [KAGENT_API_GROUP, "*"],
      ["", "namespaces"],
      // Labels can be written through its subresources too.
      ["", "namespaces/*"],
    ] as const)
      if (!isAsked(asked, group, resource))
        yield asked.finding(
          `must ask about CREATE and UPDATE of ${group || "the core group"} ${resource}, in every version and scope.`,
        );
    yield* exemptions(values);
  },
});
