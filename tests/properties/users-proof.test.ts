import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { replaceEngineValues } from "../../components/plan/manifest";
import { plan } from "../../components/plan/plan";
import { readTopology } from "../../topology";
import { type Doc, Objects } from "../../verify/static/objects";
import { prove } from "../../verify/static/prove";
import { all, withExternalDatabase, withUsers } from "../support/configurations";
import { devConfiguration } from "../support/dev";
import { configurations } from "../support/topologies";

const withBoth = all(withUsers, withExternalDatabase, (c) => {
  c.oidc.claims = { groups: ["kagent-users", "kagent-admins"] };
});

function failuresOf(raw: Readonly<Record<string, unknown>>, change: (manifest: Doc) => void = () => {}) {
  const topology = readTopology(raw);
  // A copy in which values of the engine stay what they are.
  const manifests: Doc[] = plan(topology).map(({ manifest }) =>
    replaceEngineValues(manifest, (value) => value),
  );
  manifests.forEach(change);
  return prove(topology, new Objects(manifests)).results.filter(({ status }) => status === "fail");
}

describe("the proof of who can reach whom, with users and a database elsewhere", () => {
  it("holds for any graph", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const configuration = structuredClone(raw);
        withBoth(configuration);
        const topology = readTopology(configuration);
        const objects = new Objects(plan(topology).map(({ manifest }) => manifest));
        const failed = prove(topology, objects).results.filter(({ status }) => status === "fail");
        assert.deepEqual(failed, []);
      }),
      { numRuns: 15 },
    );
  });

  const weakenings: [what: string, kind: string, change: (spec: Doc) => void][] = [
    [
      "a rule that needs no token",
      "AuthorizationPolicy",
      (spec) => {
        delete spec.rules[0].from[0].source.requestPrincipals;
        // A claim is one of a token too.
        delete spec.rules[0].when;
      },
    ],
    [
      "users of any group",
      "AuthorizationPolicy",
      (spec) => {
        spec.rules[0].when = spec.rules[0].when.filter(({ key }: Doc) => !key.includes("groups"));
      },
    ],
    [
      "users of one group more",
      "AuthorizationPolicy",
      (spec) => {
        spec.rules[0].when.find(({ key }: Doc) => key.includes("groups")).values.push("everyone");
      },
    ],
    [
      "users of another issuer",
      "RequestAuthentication",
      (spec) => {
        spec.jwtRules[0].issuer = "https://evil.example.com";
      },
    ],
    [
      "the database open to the UI",
      "NetworkPolicy",
      (spec) => {
        spec.egress.push({
          to: [{ ipBlock: { cidr: "10.20.0.0/28" } }],
          ports: [{ protocol: "TCP", port: 5432 }],
        });
      },
    ],
  ];
  for (const [what, kind, change] of weakenings)
    it(`fails with ${what}, and only then`, () => {
      assert.deepEqual(failuresOf(devConfiguration(withBoth)), []);
      const failed = failuresOf(devConfiguration(withBoth), (manifest) => {
        if (manifest.kind === kind && manifest.metadata.name === "kagent-ui") change(manifest.spec);
      });
      assert.ok(failed.length > 0);
    });
});
