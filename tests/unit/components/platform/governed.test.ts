import * as assert from "node:assert/strict";
import { releases, type Values } from "../../../../components/platform";
import { BILL_OF_MATERIALS } from "../../../../components/platform/bill-of-materials";
import { type ChartName, SYSTEMS, type Topology } from "../../../../topology";
import { GOVERNED_VALUES } from "../../../../topology/platform-governed";
import { TUNABLE_VALUES } from "../../../../topology/platform-tunable";
import {
  all,
  withExternalDatabase,
  withUsers,
  withVault,
  withVaultAuthority,
} from "../../../support/configurations";
import { devTopology, type Raw } from "../../../support/dev";
import { platformTopologies } from "../../../support/platform-topologies";

const isMap = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function leaves(value: unknown, path: readonly string[] = []): string[] {
  if (!isMap(value) || Object.keys(value).length === 0) return [path.join(".")];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

const isBelow = (leaf: string, paths: readonly string[]): boolean =>
  paths.some((path) => leaf === path || leaf.startsWith(`${path}.`));

const stacks: Readonly<Record<string, Topology>> = {
  ...platformTopologies,
  "with an external database and users": devTopology(all(withExternalDatabase, withUsers)),
  "with Vault's authority": devTopology(all(withVault, withVaultAuthority)),
};

for (const [stack, topology] of Object.entries(stacks))
  describe(`the values that stack ${stack} ships`, () => {
    for (const { chart, values } of releases(topology).filter(
      (release) => Object.keys(release.values).length > 0,
    ))
      it(`of chart ${chart} are refused in configuration, or may be tuned, and never both`, () => {
        const governed = GOVERNED_VALUES[chart].map(({ path }) => path.join("."));
        const unclear = leaves(values).filter(
          (leaf) => isBelow(leaf, governed) === isBelow(leaf, TUNABLE_VALUES[chart]),
        );
        assert.deepEqual(unclear, []);
      });
  });

describe("no value", () => {
  it("both governs and may be tuned, at any depth", () => {
    for (const [chart, tunable] of Object.entries(TUNABLE_VALUES)) {
      const governed = GOVERNED_VALUES[chart as ChartName].map(({ path }) => path.join("."));
      assert.deepEqual(
        [
          ...tunable.filter((path) => isBelow(path, governed)),
          ...governed.filter((path) => isBelow(path, tunable)),
        ],
        [],
        chart,
      );
    }
  });
});

describe("extra values", () => {
  it("win over sizes, are merged, and leave what governs alone", () => {
    const topology = devTopology((c) => {
      c.platform.gatekeeper = {
        values: { gatekeeper: { replicas: 5, controllerManager: { logLevel: "DEBUG" } } },
      };
    });
    const values: Raw = releases(topology).find(({ chart }) => chart === "gatekeeper")?.values;
    assert.equal(values.replicas, 5);
    assert.deepEqual(values.controllerManager, {
      logLevel: "DEBUG",
      exemptNamespaces: ["gatekeeper-system"],
      exemptNamespacePrefixes: [],
    });
  });
});

describe("a mirror and a version", () => {
  it("are a line each, and change their own releases only", () => {
    const before = releases(devTopology());
    const after = releases(
      devTopology((c) => {
        c.platform.certManager = { version: "v1.21.3", repository: "oci://mirror.example.com/charts/" };
      }),
    );
    assert.deepEqual(
      after.filter((release, index) => JSON.stringify(release) !== JSON.stringify(before[index])),
      [
        {
          ...before.find(({ chart }) => chart === "cert-manager"),
          version: "v1.21.3",
          repository: "oci://mirror.example.com/charts",
        },
      ],
    );
  });

  it("of Istio are also the gateway's, unless it has its own", () => {
    const gatewayOf = (edit: (c: Raw) => void) =>
      releases(devTopology(edit)).find((r) => r.chart === "gateway");
    const istio = { version: "1.31.4", repository: "oci://mirror.example.com" };
    const follows = gatewayOf((c) => {
      c.platform.istio = istio;
    });
    assert.deepEqual([follows?.version, follows?.repository], [istio.version, istio.repository]);
    const own = gatewayOf((c) => {
      c.platform.istio = istio;
      c.platform.gateway = { version: "1.31.3" };
    });
    assert.deepEqual([own?.version, own?.repository], ["1.31.3", istio.repository]);
  });

  it("of kagent are those of kagent.version", () => {
    const versions = releases(
      devTopology((c) => {
        c.kagent = { version: "0.10.9" };
      }),
    ).filter(({ system }) => system === "kagent");
    assert.deepEqual(
      versions.map(({ version }) => version),
      ["0.10.9", "0.10.9"],
    );
  });
});

describe("the bill of materials", () => {
  const bill = Object.values(BILL_OF_MATERIALS);

  it("names exact versions, a range of Kubernetes, and a reason", () => {
    for (const { chart, version, kubernetes, reason } of bill) {
      assert.match(version, /^v?\d+\.\d+\.\d+$/, chart);
      assert.deepEqual(kubernetes, { min: "1.33", max: "1.36" }, chart);
      assert.ok(reason.length > 20, chart);
    }
  });

  it("is where each release comes from, in the order of installation", () => {
    assert.deepEqual(
      releases(devTopology()).map(({ chart, repository }) => [chart, repository]),
      bill
        .map(({ chart, repository }) => [chart, repository])
        .sort(([a], [b]) => ORDER.indexOf(a as ChartName) - ORDER.indexOf(b as ChartName)),
    );
  });
});

const ORDER: readonly ChartName[] = [
  "cert-manager",
  "base",
  "istiod",
  "cni",
  "gatekeeper",
  "external-secrets",
  "kagent-crds",
  "gateway",
  "kagent",
];

describe("a system that is not installed", () => {
  it("has no release, and the others keep theirs", () => {
    for (const system of SYSTEMS) {
      const left = releases(
        devTopology((c) => {
          c.platform[system] = { install: false };
        }),
      );
      assert.deepEqual(
        left.map(({ key }) => key),
        releases(devTopology())
          .filter((release) => release.system !== system)
          .map(({ key }) => key),
      );
    }
  });

  it("is also one that nothing uses: no Gatekeeper with native admission, no gateway with direct routing", () => {
    const systems = new Set(
      releases(
        devTopology((c) => {
          c.admission = "native";
          c.routing = "direct";
        }),
      ).map(({ system }) => system),
    );
    assert.deepEqual([...systems], ["certManager", "istio", "externalSecrets", "kagent"]);
  });
});
