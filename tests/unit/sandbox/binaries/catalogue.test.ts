import assert from "node:assert/strict";
import { type BinaryName, entryOf } from "../../../../sandbox/binaries/catalogue";
import type { Platform } from "../../../../sandbox/binaries/platform";

/** Addresses of a release and of its checksums. */
function addresses(name: BinaryName, os: Platform["os"], arch: string): string[] | undefined {
  const entry = entryOf(name);
  const release = entry.release({ os, arch });
  return release && [release.file, release.checksums].map((file) => `${entry.publisher.base}/${file}`);
}

describe("catalogue of binaries", () => {
  it("names the files that the publishers offer", () => {
    assert.deepEqual(addresses("kube-apiserver", "linux", "amd64"), [
      "https://dl.k8s.io/v1.36.3/bin/linux/amd64/kube-apiserver",
      "https://dl.k8s.io/v1.36.3/bin/linux/amd64/kube-apiserver.sha256",
    ]);
    assert.deepEqual(addresses("etcd", "linux", "arm64"), [
      "https://github.com/etcd-io/etcd/releases/download/v3.7.3/etcd-v3.7.3-linux-arm64.tar.gz",
      "https://github.com/etcd-io/etcd/releases/download/v3.7.3/SHA256SUMS",
    ]);
    assert.deepEqual(
      addresses("etcd", "darwin", "arm64")?.[0]?.split("/").at(-1),
      "etcd-v3.7.3-darwin-arm64.zip",
    );
    assert.deepEqual(addresses("pulumi", "linux", "amd64"), [
      "https://github.com/pulumi/pulumi/releases/download/v3.250.0/pulumi-v3.250.0-linux-x64.tar.gz",
      "https://github.com/pulumi/pulumi/releases/download/v3.250.0/pulumi-3.250.0-checksums.txt",
    ]);
    assert.deepEqual(
      addresses("kubectl", "darwin", "arm64")?.[0],
      "https://dl.k8s.io/v1.36.3/bin/darwin/arm64/kubectl",
    );
    assert.deepEqual(addresses("helm", "darwin", "arm64"), [
      "https://get.helm.sh/helm-v3.22.0-darwin-arm64.tar.gz",
      "https://get.helm.sh/helm-v3.22.0-darwin-arm64.tar.gz.sha256sum",
    ]);
    assert.deepEqual(addresses("gator", "linux", "amd64"), [
      "https://github.com/open-policy-agent/gatekeeper/releases/download/v3.23.1/gator-v3.23.1-linux-amd64.tar.gz",
      "https://github.com/open-policy-agent/gatekeeper/releases/download/v3.23.1/sha256sums.txt",
    ]);
    assert.deepEqual(addresses("istioctl", "darwin", "arm64"), [
      "https://github.com/istio/istio/releases/download/1.31.0/istioctl-1.31.0-osx-arm64.tar.gz",
      "https://github.com/istio/istio/releases/download/1.31.0/istioctl-1.31.0-osx-arm64.tar.gz.sha256",
    ]);
  });

  it("knows where nothing is published", () => {
    assert.equal(addresses("kube-apiserver", "darwin", "arm64"), undefined);
    assert.equal(addresses("kube-controller-manager", "linux", "riscv64"), undefined);
    assert.equal(addresses("etcd", "darwin", "s390x"), undefined);
    assert.equal(addresses("pulumi", "linux", "s390x"), undefined);
    assert.equal(addresses("helm", "linux", "s390x"), undefined);
    for (const name of ["gatekeeper", "cert-manager-controllers", "pilot-discovery"] as const)
      assert.equal(addresses(name, "linux", "amd64"), undefined);
  });
});
