import * as assert from "node:assert/strict";
import { join } from "node:path";
import { isRelease } from "../../components/plan/manifest";
import { type PlannedObject, plan } from "../../components/plan/plan";
import { keptCrds } from "../../components/platform/kept-crds";
import { readStackFile, readTopology } from "../../topology";
import type { Raw } from "../support/dev";
import { type Registered, type Run, runProgram, withKeys } from "../support/run-program";

/** As in the plan; undefined for what holds the stack together. */
function keyOf({ type, inputs }: Registered): string | undefined {
  if (type === "kubernetes:helm.sh/v3:Release" || type.endsWith(":CertManager")) {
    const { namespace, name } = inputs.helmOptions ?? inputs;
    return ["helm.sh/v3", "Release", namespace, name].join("/");
  }
  const { apiVersion, kind, metadata } = inputs;
  return type.startsWith("kubernetes:")
    ? [apiVersion, kind, metadata.namespace ?? "", metadata.name].join("/")
    : undefined;
}

describe("the stacks that ship", () => {
  for (const name of ["dev", "prod"])
    describe(name, () => {
      let run: Run;
      let planned: PlannedObject[];
      before(async () => {
        const raw: Raw = readStackFile(join(__dirname, "../..", `Pulumi.${name}.yaml`));
        planned = plan(readTopology(raw));
        run = await runProgram(raw.secrets === "vault" ? raw : withKeys(raw));
      });

      it("register their whole plan, each object behind all that it waits for, and nothing else", () => {
        const keys = new Map(run.registered.map((one) => [one.urn, keyOf(one)]));
        const objects = run.registered.filter((one) => keyOf(one) !== undefined);
        assert.deepEqual(objects.map(keyOf).sort(), planned.map(({ key }) => key).sort());
        const due = new Map(planned.map(({ key, dependsOn }) => [key, dependsOn]));
        for (const object of objects) {
          const waits = new Set(object.dependsOn.map((urn) => keys.get(urn)));
          for (const needed of due.get(keyOf(object) ?? "") ?? [])
            assert.ok(waits.has(needed), `${keyOf(object)} does not wait for ${needed}`);
        }
      });

      it("protect what destroying would take from users, in production only", () => {
        const guarded = run.registered.filter(({ protect }) => protect).map(keyOf);
        assert.deepEqual(guarded, name === "prod" ? ["helm.sh/v3/Release/kagent/kagent-crds"] : []);
      });

      it("leave nothing of their own on the cluster when they go", () => {
        assert.deepEqual(run.registered.filter(({ retained }) => retained).map(keyOf), []);
      });
    });

  it("leave the namespace of a kagent that somebody else installed", async () => {
    const raw: Raw = readStackFile(join(__dirname, "../../Pulumi.dev.yaml"));
    const { registered } = await runProgram(
      withKeys({ ...raw, platform: { ...raw.platform, kagent: { install: false } } }),
    );
    assert.deepEqual(registered.filter(({ retained }) => retained).map(keyOf), ["v1/Namespace//kagent"]);
  });

  it("install everything but the mesh that production has already", () => {
    const releasesOf = (name: string) => {
      const topology = readTopology(readStackFile(join(__dirname, "../..", `Pulumi.${name}.yaml`)));
      const releases = plan(topology).filter(({ manifest }) => isRelease(manifest));
      return {
        names: releases.map(({ manifest }) => manifest.metadata.name).sort(),
        kept: keptCrds(topology),
      };
    };
    const [dev, prod] = [releasesOf("dev"), releasesOf("prod")];
    assert.deepEqual(
      dev.names.filter((name) => !prod.names.includes(name)),
      ["istio-base", "istio-cni", "istiod"],
    );
    assert.ok(!prod.kept?.includes("istio.io"));
  });
});
