import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { plan } from "../../../components/plan/plan";
import { obtain } from "../../../sandbox/binaries";
import { SandboxHome, startControlPlane, stopControlPlane } from "../../../sandbox/control-plane";
import { type Crd, installCrds, loadCrds } from "../../../sandbox/crds";
import { sources } from "../../../sandbox/crds/groups";
import { readTopology } from "../../../topology";
import { badObjects } from "../../support/crds/bad";
import { goodObjects } from "../../support/crds/good";
import { type CustomObject, changed, type Json, pathsIn } from "../../support/crds/objects";
import { noRealCrds, realCrds } from "../../support/crds/real";
import { type Answer, DRY_RUN, KubeApi } from "../../support/kube-api";
import { configurations } from "../../support/topologies";

const standIns = [...(sources.kagent.structural ?? []), ...(sources["external-secrets"].structural ?? [])];

describe("CRDs on an API server", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "crds-"));
  const home = new SandboxHome(join(folder, "sandbox"));
  let api: KubeApi;

  before(async function () {
    this.timeout(1_800_000); // where nothing is cached the binaries are built from source
    const binaries = await obtain(["etcd", "kube-apiserver", "kube-controller-manager"]);
    const auditPolicy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";
    await startControlPlane(home, { auditPolicy, binaries });
    api = new KubeApi(home.kubeconfig);
  });
  after(async () => {
    await stopControlPlane(home);
    rmSync(folder, { recursive: true, force: true });
  });

  it("installs every group, changes nothing a second time, and repairs what was changed", async () => {
    const { objects, sources } = await loadCrds();
    assert.equal(sources.length, 5);
    const names = objects.map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(await installCrds(home.kubeconfig, objects), {
      installed: names,
      updated: [],
      unchanged: [],
    });
    const started = Date.now();
    assert.deepEqual(await installCrds(home.kubeconfig, objects), {
      installed: [],
      updated: [],
      unchanged: names,
    });
    assert.ok(Date.now() - started < 10_000);

    const crd = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
    const name = "agents.kagent.dev";
    const found = await api.read(crd.apiVersion, crd.kind, name);
    await api.patch({ ...crd, metadata: { name }, spec: { names: { categories: ["other"] } } });
    assert.deepEqual((await installCrds(home.kubeconfig, objects)).updated, [name]);
    assert.deepEqual((await api.read(crd.apiVersion, crd.kind, name)).spec, found.spec);
  });

  it("can be used at once", async () => {
    const [crd] = sources.kagent.structural ?? [];
    assert.ok(crd);
    await installCrds(home.kubeconfig, [inGroup(crd, "at-once")]);
    const agent = goodObjects["an Agent that uses every field"];
    assert.ok(agent);
    const answer = await api.create(placed({ ...agent, apiVersion: "at-once.kagent.dev/v1alpha2" }));
    assert.equal(answer.code, 201, answer.message);
    const old = await api.read("at-once.kagent.dev/v1alpha1", "Agent", agent.metadata.name, "default");
    assert.deepEqual(old.spec, answer.body.spec);
  });

  it("says what is wrong when the names of a definition are taken", async () => {
    const [crd] = sources.kagent.structural ?? [];
    assert.ok(crd);
    const second = structuredClone(inGroup(crd, "taken"));
    await installCrds(home.kubeconfig, [second]);
    second.metadata.name = "workers.taken.kagent.dev";
    second.spec.names = { kind: "Agent", listKind: "AgentList", plural: "workers", singular: "worker" };
    await assert.rejects(installCrds(home.kubeconfig, [second]), {
      name: "UserError",
      message: /^CRD workers\.taken\.kagent\.dev: the API server does not accept its names: .*in use/,
    });
  });

  const real = realCrds();
  const official = standIns.flatMap(({ metadata }) => real?.get(metadata.name) ?? []);
  (real ? describe : describe.skip)(
    `stand-ins beside the official${real ? "" : ` (skipped: ${noRealCrds})`}`,
    () => {
      before(async () => {
        await installCrds(home.kubeconfig, [
          ...standIns.map((crd) => inGroup(crd, "stand-in")),
          ...official.map((crd) => inGroup(crd, "official")),
        ]);
      });

      /** Answers of both to one object, written in both ways; what names the group is made the same. */
      async function answers(object: CustomObject) {
        const [standIn, theirs] = await Promise.all(
          ["stand-in", "official"].map(async (prefix) => {
            const there = placed({ ...object, apiVersion: `${prefix}.${object.apiVersion}` });
            const [created, applied] = await Promise.all([
              api.create(there, DRY_RUN),
              api.apply(there, DRY_RUN),
            ]);
            return [created, applied].map(({ code, message, body }) => ({
              code,
              message: message.replaceAll(`${prefix}.`, "").split(", ").sort().join(", "),
              spec: code < 300 ? body.spec : undefined,
            }));
          }),
        );
        assert.ok(standIn && theirs);
        return { standIn, theirs };
      }

      for (const [title, object] of Object.entries(goodObjects)) {
        it(`take ${title}`, async () => {
          const { standIn, theirs } = await answers(object);
          for (const { refusals } of theirs) assert.deepEqual(refusals, []);
          assert.deepEqual(standIn, theirs);
        });
      }

      for (const [title, { base, change, refusal }] of Object.entries(badObjects)) {
        it(`refuse ${title}`, async () => {
          const { standIn, theirs } = await answers(changed(base, ...change));
          for (const { code } of [...standIn, ...theirs]) assert.ok(code >= 400);
          assert.match(standIn[0]?.refusals.join("\n") ?? "", refusal);
          assert.deepEqual(standIn, theirs);
        });
      }

      it("answer alike whatever is changed in a good object", async () => {
        await fc.assert(
          fc.asyncProperty(mutations, async (object) => {
            const { standIn, theirs } = await answers(object);
            assert.deepEqual(standIn, theirs);
          }),
          { numRuns: 300 },
        );
      });

      it("take all that this program writes", async () => {
        await fc.assert(
          fc.asyncProperty(configurations(), async (configuration) => {
            const written = plan(readTopology(configuration))
              .map(({ manifest }) => JSON.parse(JSON.stringify(manifest)) as CustomObject)
              .filter(({ apiVersion }) =>
                standIns.some(({ spec }) => spec.group === apiVersion.split("/")[0]),
              );
            assert.ok(written.length > 0);
            for (const object of written) {
              const { standIn, theirs } = await answers(object);
              for (const { refusals } of theirs) assert.deepEqual(refusals, []);
              assert.deepEqual(standIn, theirs);
            }
          }),
          { numRuns: 30 },
        );
      });
    },
  );
});

/** The same definition for another group, so that several can be on one API server. */
function inGroup(crd: Crd, prefix: string): Crd {
  const group = `${prefix}.${crd.spec.group}`;
  const { plural } = crd.spec.names;
  // Short names and categories are shared between groups.
  const { shortNames: _, categories: __, ...names } = crd.spec.names;
  return {
    ...crd,
    metadata: { name: `${plural}.${group}` },
    spec: { ...crd.spec, group, names: { ...names, kind: crd.spec.names.kind, plural } },
  };
}

/** Every reason of a refusal, in a fixed order. */
function refusals({ code, message, body }: Answer): string[] {
  if (code < 300) return [];
  const { causes = [] } = (body.details ?? {}) as { causes?: { field?: string; message: string }[] };
  // The cause without a field says that rules were not checked, which depends on what rules there are elsewhere.
  const reasons = causes
    .filter(({ field }) => field !== "<nil>")
    .map((cause) => `${cause.field}: ${cause.message}`);
  return reasons.length > 0 ? reasons.sort() : [message];
}

function placed(object: CustomObject) {
  return { ...object, metadata: { ...object.metadata, namespace: "default" } };
}

/** Parts that the stand-ins take as they are; inside them the official definitions may refuse more. */
const open =
  /^spec\.(declarative\.deployment\.(affinity|volumes\.\d|extraContainers\.\d))\.|^(apiVersion|kind|metadata)/;

/** A good object in which one thing was removed, replaced, renamed or added. */
const mutations: fc.Arbitrary<CustomObject> = fc
  .constantFrom(...Object.values(goodObjects))
  .chain((object) => {
    const paths = pathsIn(object).filter((path) => !open.test(path));
    const path = fc.constantFrom(...paths);
    const value: fc.Arbitrary<Json> = fc.constantFrom<Json[]>(
      null,
      true,
      0,
      -1,
      1.5,
      "",
      "other",
      "Agent",
      "BYO",
      "Bedrock",
      [],
      [null],
      ["other"],
      [{}],
      {},
      { name: "other" },
      { other: 1 },
    );
    return fc.oneof(
      path.map((where) => changed(object, where, undefined)),
      fc.tuple(path, value).map(([where, what]) => changed(object, where, what)),
      fc.tuple(path, value).map(([where, what]) => changed(object, `${where}X`, what)),
    );
  });
