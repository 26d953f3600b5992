/** Each Helm value that the program sets is one that its chart knows, and that changes what the chart renders. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { releases, type Values } from "../../../../components/platform/index";
import { tunablePaths } from "../../../../topology/platform-tunable";
import { leaves, type Path, restates, standing, without } from "../../../support/chart-values";
import { Charts, chartNames, type Release } from "../../../support/charts";
import { BUILDING_MS } from "../../../support/controllers/plane";
import { meshFields } from "../../../support/mesh-fields";
import { platformTopologies } from "../../../support/platform-topologies";
import { isRendered } from "../../../support/rendered";
import { orSkip } from "../../../support/skip";

/** Paths below which a chart's values.yaml lists no keys. That each of them does something is a test of its own. */
const OPEN = {
  gatekeeper: {
    defaultCreateVAPForTemplates: "read with hasKey by both Deployments",
    defaultCreateVAPBindingForConstraints: "read with hasKey by both Deployments",
  },
  istiod: {
    env: "istiod's environment; that what is written there takes effect, the lab shows",
    "global.platform": "read by zzz_profile.yaml, which fails for a platform it has no profile of",
    "global.proxy.seccompProfile": "a seccompProfile of Kubernetes",
    meshConfig: "Istio's MeshConfig: its keys are compared with the protocol",
    seccompProfile: "a seccompProfile of Kubernetes",
  },
  cni: {
    "global.platform": "read by zzz_profile.yaml, which fails for a platform it has no profile of",
  },
  gateway: {
    labels: "in values.schema.json, which knows every key at the top",
    podDisruptionBudget: "a spec of Kubernetes",
    "securityContext.seccompProfile": "a seccompProfile of Kubernetes",
  },
} as const satisfies Partial<Record<Release["chart"], Record<string, string>>>;

/** Set although it may be what the chart makes of nothing: names that the layers rely on. */
const SPELLED_OUT = [
  "gateway labels.app",
  "gateway labels.istio",
  "gateway serviceAccount.name",
  "istiod meshConfig.trustDomain",
];

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

const isBelow = (path: string, above: string) => path === above || path.startsWith(`${above}.`);

/** Values that the chart has no place for. */
function strange({ chart }: Release, values: Values, defaults: Values, mesh: ReadonlySet<string>): string[] {
  const open = Object.keys((OPEN as Record<string, object>)[chart] ?? {});
  return leaves(values)
    .filter((path) => {
      const [top, ...rest] = path;
      if (chart === "istiod" && top === "meshConfig") return !rest.every((field) => mesh.has(field));
      if (standing(defaults, path) === "known") return false;
      return !open.some((above) => isBelow(path.join("."), above));
    })
    .map((path) => path.join("."));
}

describe("Helm values against the real charts", function () {
  this.timeout(120_000);
  let charts: Charts;
  let mesh: ReadonlySet<string>;

  before(async function () {
    this.timeout(BUILDING_MS);
    charts = await orSkip(this, () => Charts.load());
    mesh = await meshFields();
  });
  after(() => charts?.remove());

  /** What the chart makes of the values; istiod's copy of them is no use of them. */
  async function effect(release: Release, values: Values): Promise<string> {
    const documents = (await charts.text({ ...release, values })).split(/^---$/m);
    return documents.filter((text) => !/^kind: ConfigMap$[\s\S]*?^ {2}name: values$/m.test(text)).join("---");
  }

  /** Values that could as well be left out. */
  async function idle(release: Release, values: Values): Promise<string[]> {
    const defaults = charts.defaults(release.chart);
    const whole = await effect(release, values);
    const found: string[] = [];
    for (const path of leaves(values)) {
      if (restates(defaults, values, path)) continue;
      const less = await effect(release, without(values, path)).catch(() => "refused");
      if (less === whole) found.push(path.join("."));
    }
    return found;
  }

  for (const [stack, topology] of Object.entries(platformTopologies))
    for (const release of releases(topology).filter(isRendered)) {
      const { chart, values } = release;

      it(`${chart}: all are known to it (${stack})`, () => {
        assert.deepEqual(strange(release, values, charts.defaults(chart), mesh), []);
      });

      it(`${chart}: each changes something, or says what is the default (${stack})`, async () => {
        const without = (await idle(release, values)).filter(
          (path) => !SPELLED_OUT.includes(`${chart} ${path}`),
        );
        assert.deepEqual(without, []);
      });
    }

  for (const chart of chartNames)
    it(`${chart}: reads each value that configuration may set`, () => {
      const templates = filesBelow(join(charts.folder(chart), "templates"));
      const defaults = charts.defaults(chart);
      const unread = tunablePaths(chart)
        .filter((path) => standing(defaults, path) === "unknown" && path[0] !== "meshConfig")
        // Charts also read what their values.yaml does not list.
        .filter((path) => !templates.some((text) => new RegExp(`\\b${path.at(-1)}\\b`).test(text)))
        .map((path) => path.join("."));
      assert.deepEqual(unread, []);
    });

  const wrong = (values: Values, path: Path): Values => {
    const [key = "", ...rest] = path;
    const misspelt = `${key}Misspelt`;
    const { [key]: found, ...others } = values;
    return rest.length === 0
      ? { ...others, [misspelt]: found }
      : { ...others, [key]: wrong(found as Values, rest) };
  };

  for (const release of releases(platformTopologies.dev ?? assert.fail()).filter(isRendered)) {
    const { chart, values } = release;
    if (Object.keys(values).length === 0) continue;

    it(`${chart}: a misspelt key is found, whichever it is`, async () => {
      const unseen: string[] = [];
      for (const path of leaves(values)) {
        const misspelt = wrong(values, path);
        if (strange(release, misspelt, charts.defaults(chart), mesh).length > 0) continue;
        const found = await idle(release, misspelt).catch(() => ["refused"]);
        if (found.length === 0) unseen.push(path.join("."));
      }
      assert.deepEqual(unseen, []);
    });
  }

  it("finds every place that is listed as open still in use", () => {
    const used = Object.values(platformTopologies).flatMap((topology) =>
      releases(topology).flatMap(({ chart, values }) =>
        leaves(values).map((path) => `${chart} ${path.join(".")}`),
      ),
    );
    const listed = Object.entries(OPEN).flatMap(([chart, paths]) =>
      Object.keys(paths).map((path) => `${chart} ${path}`),
    );
    assert.deepEqual(
      [...listed, ...SPELLED_OUT].filter((path) => !used.some((each) => isBelow(each, path))),
      [],
    );
  });
});
