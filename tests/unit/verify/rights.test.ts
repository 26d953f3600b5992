import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isRelease } from "../../../components/plan/manifest";
import { plan } from "../../../components/plan/plan";
import { POLICY_KINDS } from "../../../verify/checks/other-policies";
import { GOVERNING_KINDS } from "../../../verify/live/live";
import { all, inProduction } from "../../support/configurations";
import { devTopology } from "../../support/dev";
import { platformTopologies } from "../../support/platform-topologies";

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const PAGE = join(__dirname, "../../../docs/verify.md");

describe("the ClusterRole that docs/verify.md has for verify", () => {
  const [, text = ""] = /```yaml\n(apiVersion: rbac[\s\S]*?)```/.exec(readFileSync(PAGE, "utf8")) ?? [];
  const { rules } = parse(text) as { rules: readonly Rule[] };
  const mayList = (group: string, plural: string) =>
    rules.some(
      ({ apiGroups = [], resources = [], verbs }) =>
        verbs.includes("list") &&
        apiGroups.includes(group) &&
        (resources.includes("*") || resources.includes(plural)),
    );

  it("may list every kind of object that a stack declares, but Secrets, and of those that could widen it", () => {
    const topologies = [...Object.values(platformTopologies), devTopology(all(inProduction))];
    const planned = topologies.flatMap((topology) => plan(topology).map(({ manifest }) => manifest));
    const kinds = planned
      .filter((manifest) => !isRelease(manifest) && manifest.kind !== "Secret")
      .map(({ apiVersion, kind }) => [apiVersion, kind] as const);
    const others = POLICY_KINDS.flatMap(({ groups, kind }) =>
      groups.map((group) => [`${group}/any`, kind] as const),
    );
    const missing = [...GOVERNING_KINDS, ...kinds, ...others]
      .map(([apiVersion, kind]) => [
        apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "",
        `${kind.toLowerCase().replace(/y$/, "ie")}s`,
      ])
      .filter(([group = "", plural = ""]) => !mayList(group, plural))
      .map((one) => one.join(" "));
    assert.deepEqual([...new Set(missing)], []);
  });

  it("may get the one object that tells whether Calico's API server shows policies of Kubernetes", () => {
    const wanted = { apiGroups: ["apiregistration.k8s.io"], resources: ["apiservices"], verbs: ["get"] };
    const found = rules.filter(({ apiGroups = [] }) => apiGroups.includes("apiregistration.k8s.io"));
    assert.deepEqual(found, [{ ...wanted, resourceNames: ["v3.projectcalico.org"] }]);
  });
});
