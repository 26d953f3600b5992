import * as assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { resourceClass } from "../../../components/engine/kinds";
import { withDependencies } from "../../../components/plan/dependencies";
import { type Planned, releaseKey } from "../../../components/plan/manifest";
import { mergeDeep } from "../../../components/plan/merge";
import { render } from "../../../components/plan/render";
import { releaseOf } from "../../../components/platform/release";
import { devTopology } from "../../support/dev";

describe("merging what users pass through", () => {
  it("keeps both sides, prefers what is derived, and replaces lists", () => {
    const under = { a: 1, b: { c: 1, d: [1, 2] }, e: "x" };
    assert.deepEqual(mergeDeep(under, { b: { c: 2, d: [3] }, e: { f: 1 } }), {
      a: 1,
      b: { c: 2, d: [3] },
      e: { f: 1 },
    });
    assert.deepEqual(under, { a: 1, b: { c: 1, d: [1, 2] }, e: "x" });
  });
});

describe("an object behind a release", () => {
  const config = (release: string): Planned => ({
    layer: "platform",
    manifest: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } },
    after: [release],
  });

  it("does not wait for one that was there before the stack", () => {
    assert.deepEqual(withDependencies([config(releaseOf("istiod"))])[0]?.dependsOn, []);
  });

  it("is no plan when no chart is released under that name", () => {
    assert.throws(() => withDependencies([config(releaseKey("istio-system", "istiodd"))]), {
      message:
        "v1/ConfigMap//one waits for helm.sh/v3/Release/istio-system/istiodd, which no chart is released as",
    });
  });
});

describe("a kind that Kubernetes itself serves", () => {
  const classFor = (apiVersion: string, kind: string) =>
    resourceClass({ apiVersion, kind, metadata: { name: "x" } });

  it("is never registered as a custom resource by accident", () => {
    for (const [apiVersion, kind] of [
      ["v1", "ConfigMap"],
      ["apps/v1", "Deployment"],
      ["networking.k8s.io/v1", "Ingress"],
    ] as const)
      assert.throws(() => classFor(apiVersion, kind), {
        message: `no resource class is known for ${apiVersion} ${kind}`,
      });
    assert.equal(classFor("networking.istio.io/v1", "Gateway").name, "CustomResource");
  });
});

describe("the rendered plan", () => {
  const files = render(devTopology());

  it("has a file per layer and tenant, and the audit policy in a folder of its own", () => {
    const paths = [...files.keys()];
    for (const path of [
      "audit/policy.yaml",
      "manifests/admission/_all.yaml",
      "manifests/agents/team-alpha.yaml",
      "manifests/network/team-beta.yaml",
      "releases/istiod.yaml",
    ])
      assert.ok(paths.includes(path), path);
    assert.ok(
      paths.every(
        (path) => /^(audit|releases)\//.test(path) || /^manifests\/[-\w]+\/[-\w]+\.yaml$/.test(path),
      ),
    );
    assert.deepEqual(paths, [...paths].sort());
  });

  it("says the same to programs that read YAML 1.1, as kubectl and helm do", () => {
    const labels = { switch: "on", answer: "yes", octal: "0777" };
    const rendered = render(
      devTopology((configuration) => {
        configuration.tenants["team-alpha"].labels = labels;
      }),
    );
    const text = rendered.get("manifests/namespaces/team-alpha.yaml") ?? assert.fail();
    const [namespace] = parseAllDocuments(text, { version: "1.1" }).map((document) => document.toJS());
    for (const [key, value] of Object.entries(labels)) assert.equal(namespace.metadata.labels[key], value);
  });

  it("names what only the engine knows", () => {
    const text = [...files.values()].join("");
    for (const name of [
      "apiKey/team-alpha/gpt",
      "jwks",
      "token/team-alpha/orchestrator/team-beta/specialist",
    ])
      assert.ok(text.includes(`<known to the engine only: ${name}>`), name);
  });
});
