/** Pods that the charts make, and agents' pods with their sidecar, against Pod Security in the namespaces of the plan. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments, stringify } from "yaml";
import { plan } from "../../../../components/plan/plan";
import { releases } from "../../../../components/platform/index";
import { obtain } from "../../../../sandbox/binaries";
import type { Doc } from "../../../../verify/static/objects";
import { Charts } from "../../../support/charts";
import { applied } from "../../../support/controllers/install";
import { BUILDING_MS, TestPlane } from "../../../support/controllers/plane";
import { devTopology } from "../../../support/dev";
import { DRY_RUN, type KubeObject } from "../../../support/kube-api";
import { isRendered, Rendered } from "../../../support/rendered";
import { assertRefused } from "../../../support/sandbox";
import { orSkip } from "../../../support/skip";

const INJECT_MS = 30_000;
const topology = devTopology();

describe("Pod Security", function () {
  this.timeout(60_000);
  const plane = new TestPlane();
  const folder = mkdtempSync(join(tmpdir(), "pod-security-"));
  let charts: Charts;
  let rendered: Rendered;
  let istioctl: string;

  before(async function () {
    this.timeout(BUILDING_MS);
    istioctl = (await orSkip(this, () => obtain(["istioctl"]))).istioctl.path;
    charts = await orSkip(this, () => Charts.load());
    rendered = await Rendered.of(charts, topology);
    await plane.start([]);
    const planned = plan(topology).map(({ manifest }) => manifest as KubeObject);
    const accounts = [...planned, ...(rendered.all as readonly KubeObject[])].filter(
      ({ kind }) => kind === "ServiceAccount",
    );
    for (const object of [...planned.filter(({ kind }) => kind === "Namespace"), ...accounts])
      await applied(plane.api, object);
    // Pods of critical priority are admitted only where a quota allows for them.
    for (const object of rendered.all.filter(({ kind }) => kind === "ResourceQuota"))
      await applied(plane.api, object as KubeObject);
  });
  after(async function () {
    this.timeout(60_000);
    charts?.remove();
    rmSync(folder, { recursive: true, force: true });
    await plane.remove();
  });

  const pod = (namespace: string, spec: object, metadata: object = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: "pod", namespace },
    spec,
  });

  for (const { chart, name } of releases(topology).filter(isRendered))
    it(`admits every pod of ${name} (chart ${chart})`, async () => {
      for (const { namespace, spec, workload, labels } of rendered.pods.filter(
        (each) => each.chart === chart,
      )) {
        const { message } = await plane.api.create(pod(namespace, spec, { labels }), DRY_RUN);
        assert.equal(message, "", `${workload.kind} ${workload.metadata.name}: ${message}`);
      }
    });

  /** An agent's pod as kagent makes it, as far as Pod Security and the sidecar look at it. */
  function agentPod(): KubeObject {
    const agent: Doc = plan(topology).find(({ manifest }) => manifest.kind === "Agent")?.manifest;
    const { deployment } = agent.spec.declarative;
    const { namespace, name } = agent.metadata;
    const container = {
      name: "kagent",
      image: "example.com/agent:1",
      ports: [{ containerPort: 8080 }],
      securityContext: deployment.securityContext,
    };
    return pod(
      namespace,
      {
        serviceAccountName: deployment.serviceAccountName,
        securityContext: deployment.podSecurityContext,
        containers: [container],
      },
      { labels: { app: "kagent", kagent: name } },
    );
  }

  /** With its sidecar, as this istiod's webhook would inject it. */
  async function injected(from: Rendered): Promise<KubeObject> {
    const write = (name: string, text: string): string => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    };
    const { config, values } = from.one("istiod", "ConfigMap", "istio-sidecar-injector").data;
    const { stdout } = await promisify(execFile)(
      istioctl,
      [
        ...["kube-inject", "--kubeconfig", plane.kubeconfig],
        ...["--filename", write("pod.yaml", stringify(agentPod()))],
        ...["--injectConfigFile", write("config.yaml", config), "--valuesFile", write("values.json", values)],
        ...["--meshConfigFile", write("mesh.yaml", from.one("istiod", "ConfigMap", "istio").data.mesh)],
      ],
      { timeout: INJECT_MS },
    );
    return parseAllDocuments(stdout)[0]?.toJS() as KubeObject;
  }

  const proxyOf = ({ spec }: Doc): Doc =>
    [...(spec.initContainers ?? []), ...spec.containers].find(({ name }) => name === "istio-proxy");

  it("admits an agent's pod with its sidecar, which leaves the pod's network to the node", async () => {
    const whole = await injected(rendered);
    assert.ok(proxyOf(whole), "it has no sidecar");
    assert.deepEqual(proxyOf(whole).securityContext.seccompProfile, { type: "RuntimeDefault" });
    assert.equal((await plane.api.create(whole, DRY_RUN)).message, "");
  });

  it("would refuse it without the CNI plugin", async () => {
    const [istiod] = releases(topology)
      .filter(isRendered)
      .filter(({ chart }) => chart === "istiod");
    assert.ok(istiod);
    const values = { ...istiod.values, cni: { enabled: false } };
    const other = await Rendered.ofReleases(charts, [{ ...istiod, values }]);
    assertRefused(await plane.api.create(await injected(other), DRY_RUN), "violates PodSecurity");
  });
});
