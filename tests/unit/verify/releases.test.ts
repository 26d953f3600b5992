import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { isRelease } from "../../../components/plan/manifest";
import { plan } from "../../../components/plan/plan";
import { comparedRelease } from "../../../verify/checks/releases";
import { type Cluster, MissingRight } from "../../../verify/live/cluster";
import type { Doc } from "../../../verify/static/objects";
import { devTopology } from "../../support/dev";

const release: Doc =
  plan(devTopology())
    .map(({ manifest }) => manifest)
    .find((manifest) => isRelease(manifest) && manifest.metadata.name === "gatekeeper") ?? assert.fail();

interface Revision {
  readonly status?: string;
  readonly version?: string;
  readonly values?: object;
}

/** As helm 3 writes it. */
function secret(number: number, { status = "deployed", version = "3.23.1", values }: Revision = {}): Doc {
  const text = JSON.stringify({
    name: "gatekeeper",
    info: { status },
    chart: { metadata: { name: "gatekeeper", version } },
    config: values ?? release.values,
    version: number,
  });
  const inner = gzipSync(text).toString("base64");
  return {
    metadata: {
      name: `sh.helm.release.v1.gatekeeper.v${number}`,
      labels: { owner: "helm", name: "gatekeeper", status, version: String(number) },
    },
    data: { release: Buffer.from(inner).toString("base64") },
  };
}

/** A cluster whose API server knows this path only. */
function clusterWith(secrets: readonly Doc[], code = 200): Cluster {
  const request = (method: string, path: string, { query }: { query: Record<string, string> }) => {
    assert.deepEqual(
      [method, path, query],
      [
        "GET",
        "/api/v1/namespaces/gatekeeper-system/secrets",
        { labelSelector: "owner=helm,name=gatekeeper" },
      ],
    );
    return Promise.resolve({ code, body: { items: secrets }, text: "", message: "" });
  };
  return { api: { request } } as unknown as Cluster;
}

const told = async (...secrets: Doc[]) => {
  const { subject, status, detail } = await comparedRelease(release, clusterWith(secrets));
  assert.equal(subject, "Release gatekeeper-system/gatekeeper");
  return `${status}: ${detail}`;
};

describe("a Helm release on the cluster", () => {
  it("passes when its newest revision is deployed as planned", async () => {
    assert.equal(await told(secret(1)), "pass: ");
    const old = secret(9, { status: "superseded", version: "3.22.0", values: { replicas: 9 } });
    assert.equal(await told(secret(10), old), "pass: ");
  });

  it("fails when it is not there, or stands in the middle of something", async () => {
    assert.equal(await told(), "fail: helm has no such release there");
    assert.equal(
      await told(secret(1), secret(2, { status: "pending-upgrade" })),
      "fail: its last revision is pending-upgrade; run up again",
    );
  });

  it("fails when somebody else upgraded it, and shows no value", async () => {
    assert.equal(
      await told(secret(1, { version: "3.24.0" })),
      "fail: is of chart gatekeeper 3.24.0 instead of gatekeeper 3.23.1",
    );
    const values = {
      ...release.values,
      validatingWebhookFailurePolicy: "Ignore",
      more: { password: "hidden" },
    };
    assert.equal(
      await told(secret(1, { values })),
      "fail: has other values at more, validatingWebhookFailurePolicy",
    );
  });

  it("cannot be answered without the right to list Secrets there", async () => {
    await assert.rejects(comparedRelease(release, clusterWith([], 403)), (error: Error) => {
      assert.ok(error instanceof MissingRight);
      assert.match(error.message, /^this user may not list secrets of namespace gatekeeper-system/);
      return true;
    });
  });
});
