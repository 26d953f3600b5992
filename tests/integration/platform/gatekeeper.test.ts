/** A real Gatekeeper with the program's template and constraint, in front of a real API server. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { obtain } from "../../../sandbox/binaries";
import {
  processNames,
  SandboxHome,
  startControlPlane,
  stopControlPlane,
} from "../../../sandbox/control-plane";
import { installCrds, loadCrds } from "../../../sandbox/crds";
import { readTopology } from "../../../topology";
import { Charts } from "../../support/charts";
import { Gatekeeper } from "../../support/controllers/gatekeeper";
import { applied } from "../../support/controllers/install";
import { applyPlan } from "../../support/controllers/planned";
import { DRY_RUN, KubeApi } from "../../support/kube-api";
import { assertRefused, devConfiguration, eventually } from "../../support/sandbox";

const RELEASE = {
  chart: "gatekeeper",
  version: "3.23.1",
  name: "gatekeeper",
  namespace: "gatekeeper-system",
  values: {
    validatingWebhookFailurePolicy: "Fail",
    disableMutation: true,
    postInstall: { labelNamespace: { enabled: false } },
    validatingWebhookCustomRules: [
      {
        apiGroups: ["kagent.dev"],
        apiVersions: ["*"],
        operations: ["CREATE", "UPDATE"],
        resources: ["*"],
        scope: "*",
      },
      {
        apiGroups: [""],
        apiVersions: ["*"],
        operations: ["CREATE", "UPDATE"],
        resources: ["namespaces"],
        scope: "*",
      },
      {
        apiGroups: ["templates.gatekeeper.sh", "constraints.gatekeeper.sh"],
        apiVersions: ["*"],
        operations: ["CREATE", "UPDATE"],
        resources: ["*"],
        scope: "*",
      },
    ],
  },
} as const;

describe("Gatekeeper", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "gatekeeper-"));
  const home = new SandboxHome(join(folder, "sandbox"));
  let api: KubeApi;
  let gatekeeper: Gatekeeper | undefined;

  before(async function () {
    this.timeout(1_800_000); // where nothing is cached the binaries are built from source
    const charts = await Charts.load();
    const rendered = await charts.render(RELEASE);
    const [binaries, crds] = await Promise.all([
      obtain(processNames),
      loadCrds({ groups: ["istio", "kagent"] }),
    ]);
    await startControlPlane(home, {
      binaries,
      auditPolicy: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n",
    });
    api = new KubeApi(home.kubeconfig);
    await installCrds(home.kubeconfig, crds.objects);
    await applied(api, { apiVersion: "v1", kind: "Namespace", metadata: { name: RELEASE.namespace } });
    gatekeeper = await Gatekeeper.install(api, home.kubeconfig, rendered);
    const flags = {};
    await gatekeeper.start(flags);
    await gatekeeper.serve();
    console.time("plan");
    await applyPlan(api, readTopology({ ...devConfiguration(), admission: "gatekeeper" }), async (object) => {
      if (object.apiVersion.startsWith("constraints.")) {
        await gatekeeper?.enforces(object.kind, object.metadata.name);
        console.timeLog("plan", object.kind);
      }
    });
    console.timeEnd("plan");
  });
  after(async function () {
    this.timeout(60_000);
    await gatekeeper?.remove();
    await stopControlPlane(home);
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses", async () => {
    const labels = { "kagent.dev/agent-consumer": "true" };
    const rogue = { apiVersion: "v1", kind: "Namespace", metadata: { name: "rogue", labels } };
    const a = await api.create(rogue, DRY_RUN);
    console.log(a.code, a.message);
    for (const p of ["validatingadmissionpolicies", "validatingadmissionpolicybindings"])
      console.log(
        JSON.stringify(await api.list("/apis/admissionregistration.k8s.io/v1/" + p), null, 1).slice(0, 3000),
      );
  });
});
