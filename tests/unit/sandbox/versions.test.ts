import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue, entryOf } from "../../../sandbox/binaries/catalogue";
import { versions } from "../../../sandbox/versions";

const builds = join(__dirname, "..", "..", "..", "sandbox", "builds");

/** Versions that a module file requires, by module path. */
function required(module: string): Map<string, string> {
  const text = readFileSync(join(builds, module, "go.mod"), "utf8");
  return new Map(
    [...text.matchAll(/^\s*(?:require )?(\S+) (v\S+)/gm)].map(([, path = "", version = ""]) => [
      path,
      version,
    ]),
  );
}

describe("versions", () => {
  it("are the ones the modules build", () => {
    assert.equal(required("etcd").get("go.etcd.io/etcd/server/v3"), versions.etcd);
    assert.equal(required("kubernetes").get("k8s.io/kubernetes"), versions.kubernetes);
    assert.equal(required("pulumi").get("github.com/pulumi/pulumi/pkg/v3"), versions.pulumi);
    assert.equal(required("pulumi").get("github.com/pulumi/pulumi/sdk/v3"), versions.pulumi);
    // Istio tags releases for images only: its module is named by the release's commit.
    assert.equal(required("istio").get("istio.io/istio"), "v0.0.0-20260827124520-eed52ebb66ad");
    assert.equal(
      required("network-policies").get("sigs.k8s.io/kube-network-policies"),
      versions.networkPolicies,
    );
    assert.equal(required("cert-manager").get("github.com/cert-manager/cert-manager"), versions.certManager);
    assert.equal(
      required("kubelet").get("k8s.io/cri-streaming"),
      versions.kubernetes.replace(/^v1\./, "v0."), // as Kubernetes numbers its libraries
    );
    assert.equal(required("helm").get("helm.sh/helm/v3"), versions.helm);
    assert.equal(
      required("gatekeeper").get("github.com/open-policy-agent/gatekeeper/v3"),
      versions.gatekeeper,
    );
    assert.equal(required("cyclonus").get("github.com/mattfenwick/cyclonus"), versions.cyclonus);
    assert.equal(
      required("netpol-analyzer").get("github.com/np-guard/netpol-analyzer"),
      versions.netpolAnalyzer,
    );
  });

  it("include Kubernetes' libraries of the same release", () => {
    const library = versions.kubernetes.replace("v1.", "v0.");
    for (const name of ["api", "apimachinery", "apiserver", "client-go", "component-base"]) {
      assert.equal(required("kubernetes").get(`k8s.io/${name}`), library, name);
    }
  });

  it("are built from packages that their module declares as tools", () => {
    for (const name of Object.keys(catalogue) as (keyof typeof catalogue)[]) {
      const { build } = entryOf(name);
      // "." is a main package of this project, whose imports the compiler holds to its module file.
      if (!build || build.package === ".") continue;
      const text = readFileSync(join(builds, build.module, "go.mod"), "utf8");
      assert.match(text, new RegExp(`^\\s*(tool )?${build.package}$`, "m"));
    }
  });
});
