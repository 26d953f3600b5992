import * as assert from "node:assert/strict";
import { join } from "node:path";
import { refusalsOf } from "../../components/engine/guard";
import { plan } from "../../components/plan/plan";
import { render } from "../../components/plan/render";
import { readStackFile, readTopology } from "../../topology";
import { idOf, reachability, worldOf } from "../support/world";

const raw = readStackFile(join(__dirname, "../../Pulumi.prod.yaml"));
const nothing = { has: () => false, encrypted: undefined };

describe("the production stack that ships", () => {
  const topology = readTopology(raw, nothing);
  const objects = plan(topology);

  it("is a topology, without an API key in the configuration", () => {
    assert.equal(topology.environment, "production");
    assert.deepEqual(
      objects
        .filter(({ manifest }) => manifest.kind === "Secret")
        .map(({ manifest }) => manifest.metadata.name),
      ["clerk-a2a-tokens"],
    );
  });

  it("passes the policy pack, with nothing exempted", () => {
    assert.deepEqual(refusalsOf(objects, topology), []);
  });

  it("renders, with no value in it that only the engine knows but keys and tokens", () => {
    const markers =
      [...render(topology).values()].join("\n").match(/<known to the engine only: [^>]+>/g) ?? [];
    assert.deepEqual([...new Set(markers)].sort(), [
      "<known to the engine only: jwks>",
      "<known to the engine only: token/payments/clerk/risk/assessor>",
    ]);
  });

  it("lets the one delegation pass and nothing else", () => {
    const world = worldOf(raw);
    assert.deepEqual([...reachability(world)], ["payments/clerk -> risk/assessor"]);
    assert.equal(world.agents.map(idOf).length, 2);
  });

  it("pulls every image of what it installs from the mirror", () => {
    const images = (system: "certManager" | "externalSecrets" | "gatekeeper" | "kagent") =>
      JSON.stringify(topology.platform[system].values);
    for (const system of ["certManager", "externalSecrets", "gatekeeper", "kagent"] as const)
      assert.match(images(system), /registry\.example\.com/, system);
  });

  it("uses every part of production: Vault, users, a database, mirrors, a mesh that is there", () => {
    const kinds = new Set(objects.map(({ manifest }) => manifest.kind));
    for (const kind of ["SecretStore", "ExternalSecret", "RequestAuthentication", "ServiceEntry", "Release"])
      assert.ok(kinds.has(kind), kind);
    const charts = objects.flatMap(({ manifest }) =>
      manifest.kind === "Release" ? [JSON.stringify(manifest)] : [],
    );
    assert.ok(charts.every((chart) => chart.includes("example.com/")));
    assert.ok(!charts.some((chart) => chart.includes('"istiod"')));
  });
});
