import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { plan } from "../../../components/plan/plan";
import { obtain } from "../../../sandbox/binaries";
import { SandboxHome, startControlPlane, stopControlPlane } from "../../../sandbox/control-plane";
import { installCrds, loadCrds } from "../../../sandbox/crds";
import { sources } from "../../../sandbox/crds/groups";
import { readTopology } from "../../../topology";
import { badObjects } from "../../support/crds/bad";
import { goodObjects } from "../../support/crds/good";
import { mutations } from "../../support/crds/mutations";
import { type CustomObject, changed } from "../../support/crds/objects";
import { noRealCrds, realCrds } from "../../support/crds/real";
import { assertSameOpinions, inGroup, placed } from "../../support/crds/side-by-side";
import { KubeApi } from "../../support/kube-api";
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
    const answer = await api.create(placed(agent, "at-once"));
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
  const reason = real ? "" : ` (skipped: ${noRealCrds})`;
  (real ? describe : describe.skip)(`stand-ins beside the official ones${reason}`, () => {
    const same = (object: CustomObject) => assertSameOpinions(api, object, ["stand-in", "official"]);

    it("are installed", async () => {
      await installCrds(home.kubeconfig, [
        ...standIns.map((crd) => inGroup(crd, "stand-in")),
        ...official.map((crd) => inGroup(crd, "official")),
      ]);
    });

    for (const [title, object] of Object.entries(goodObjects)) {
      it(`take ${title}`, async () => {
        for (const { refusals } of await same(object)) assert.deepEqual(refusals, []);
      });
    }

    for (const [title, { base, change, refusal }] of Object.entries(badObjects)) {
      it(`refuse ${title}`, async () => {
        const [created, applied] = await same(changed(base, ...change));
        assert.match(created?.refusals.join("\n") ?? "", refusal);
        assert.ok(applied && applied.code >= 400);
      });
    }

    it("answer alike whatever is changed in a good object", async () => {
      await fc.assert(
        fc.asyncProperty(mutations, async (object) => {
          await same(object);
        }),
        { numRuns: 300 },
      );
    });

    it("take all that this program writes", async () => {
      await fc.assert(
        fc.asyncProperty(configurations(), async (configuration) => {
          for (const object of written(configuration)) {
            for (const { refusals } of await same(object)) assert.deepEqual(refusals, []);
          }
        }),
        { numRuns: 30 },
      );
    });
  });
});

/** What the program writes of the kinds that have a stand-in. */
function written(configuration: Record<string, unknown>): CustomObject[] {
  const groups = standIns.map(({ spec }) => spec.group);
  return plan(readTopology(configuration))
    .map(({ manifest }) => JSON.parse(JSON.stringify(manifest)) as CustomObject)
    .filter(({ apiVersion }) => groups.includes(apiVersion.split("/")[0] ?? ""));
}
