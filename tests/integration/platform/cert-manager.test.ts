/** cert-manager's own controllers issue what the program declares: the mesh's authority, up to what istiod reads. */
import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { webhookAuthority } from "../../../components/platform/external-secrets";
import { releases } from "../../../components/platform/index";
import { meshAuthority } from "../../../components/platform/mesh-authority";
import { platformNamespaces } from "../../../components/platform/namespaces";
import { obtain } from "../../../sandbox/binaries";
import { CERT_MANAGER_NAMESPACE, istio, pki as names } from "../../../topology";
import { Charts } from "../../support/charts";
import { CertManager } from "../../support/controllers/cert-manager";
import { annotation, applied } from "../../support/controllers/install";
import { BUILDING_MS, TestPlane } from "../../support/controllers/plane";
import { devTopology } from "../../support/dev";
import type { KubeObject } from "../../support/kube-api";
import { eventually } from "../../support/sandbox";
import { orSkip } from "../../support/skip";

const DAY_MS = 86_400_000;
const CERTIFICATES = "/apis/cert-manager.io/v1";
const topology = devTopology((configuration) => {
  configuration.pki = "selfSigned";
});

interface Issued {
  readonly certificate: X509Certificate;
  readonly authority: X509Certificate;
  readonly key: string;
}

describe("cert-manager on an API server", function () {
  this.timeout(60_000);
  const plane = new TestPlane();
  let certManager: CertManager | undefined;

  before(async function () {
    this.timeout(BUILDING_MS);
    const charts = await orSkip(this, () => Charts.load());
    await orSkip(this, () => obtain(["cert-manager-controllers"]));
    const release = releases(topology).find(({ chart }) => chart === "cert-manager") ?? assert.fail();
    const rendered = await charts.render({ ...release, chart: "cert-manager" });
    charts.remove();
    await plane.start(["cert-manager"]);
    for (const { manifest } of platformNamespaces(topology)) await applied(plane.api, manifest as KubeObject);
    certManager = await CertManager.start(plane.api, plane.kubeconfig, rendered);
    // As the engine does: the next is created once the one before is ready.
    for (const { manifest } of [...meshAuthority(topology), ...webhookAuthority(topology)]) {
      const object = manifest as KubeObject;
      await applied(plane.api, object);
      if (annotation(object.metadata, "pulumi.com/waitFor") !== undefined) await ready(object);
    }
  });
  after(async function () {
    this.timeout(60_000);
    await certManager?.remove();
    await plane.remove();
  });

  async function ready({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): Promise<void> {
    await eventually(async () => {
      const { status } = await plane.api.read(apiVersion, kind, name, namespace);
      const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
      const condition = conditions.find(({ type }) => type === "Ready");
      assert.equal(condition?.status, "True", `${kind} ${name}: ${JSON.stringify(conditions)}`);
    }, 50_000);
  }

  async function issued(name: string, namespace: string): Promise<Issued> {
    const { data } = await plane.api.read("v1", "Secret", name, namespace);
    const text = (key: string) =>
      Buffer.from((data as Record<string, string>)[key] ?? "", "base64").toString();
    return {
      certificate: new X509Certificate(text("tls.crt")),
      authority: new X509Certificate(text("ca.crt")),
      key: text("tls.key"),
    };
  }
  const root = () => issued(names.MESH_ROOT, CERT_MANAGER_NAMESPACE);
  const intermediate = () => issued(names.ISTIOD_CA_SECRET, istio.ISTIO_NAMESPACE);

  it("signs a root with itself, with a subject and for as long as configured", async () => {
    const { certificate } = await root();
    assert.ok(certificate.ca);
    assert.ok(certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey));
    assert.match(certificate.subject, /O=.+/);
    assert.equal(daysOf(certificate), topology.meshCa.rootDays);
  });

  it("signs the intermediate with the root, into the Secret and the keys that istiod reads", async () => {
    const { certificate, authority, key } = await intermediate();
    const { certificate: above } = await root();
    assert.ok(certificate.ca);
    assert.ok(certificate.checkIssued(above) && certificate.verify(above.publicKey));
    assert.equal(authority.fingerprint256, above.fingerprint256);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    assert.equal(daysOf(certificate), topology.meshCa.intermediateDays);
    assert.ok(Date.parse(certificate.validTo) <= Date.parse(above.validTo));
  });

  it("keeps the root's key out of every namespace but its own", async () => {
    const { key } = await root();
    const secrets = await plane.api.list("/api/v1/secrets");
    const holders = secrets.filter(({ data }) =>
      Object.values((data ?? {}) as Record<string, string>).includes(Buffer.from(key).toString("base64")),
    );
    assert.deepEqual(
      holders.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      [`${CERT_MANAGER_NAMESPACE}/${names.MESH_ROOT}`],
    );
  });

  it("renews the intermediate with a new key under the same root", async () => {
    const before = await intermediate();
    await renew(names.MESH_INTERMEDIATE, istio.ISTIO_NAMESPACE);
    const after = await eventually(async () => {
      const now = await intermediate();
      assert.notEqual(now.certificate.fingerprint256, before.certificate.fingerprint256, "not renewed yet");
      return now;
    });
    assert.notEqual(after.key, before.key);
    assert.equal(after.authority.fingerprint256, before.authority.fingerprint256);
  });

  it("renews the root with the key it has, so that what it signed stays valid", async () => {
    const [before, below] = [await root(), await intermediate()];
    await renew(names.MESH_ROOT, CERT_MANAGER_NAMESPACE);
    const after = await eventually(async () => {
      const now = await root();
      assert.notEqual(now.certificate.fingerprint256, before.certificate.fingerprint256, "not renewed yet");
      return now;
    });
    assert.equal(after.key, before.key);
    assert.ok(below.certificate.verify(after.certificate.publicKey));
  });

  /** What `cmctl renew` does. */
  async function renew(name: string, namespace: string): Promise<void> {
    const path = `${CERTIFICATES}/namespaces/${namespace}/certificates/${name}`;
    const { body } = await plane.api.request("GET", path);
    const { conditions } = body.status as { conditions: object[] };
    const issuing = {
      type: "Issuing",
      status: "True",
      reason: "ManuallyTriggered",
      message: "A test asks for it.",
      lastTransitionTime: new Date().toISOString(),
    };
    const answer = await plane.api.request("PATCH", `${path}/status`, {
      body: { status: { conditions: [...conditions, issuing] } },
      type: "merge-patch+json",
    });
    assert.equal(answer.message, "");
  }
});

const daysOf = ({ validFrom, validTo }: X509Certificate): number =>
  (Date.parse(validTo) - Date.parse(validFrom)) / DAY_MS;
