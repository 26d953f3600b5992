/** What the real charts make of the program's values. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { plan } from "../../../../components/plan/plan";
import { foreignIstio } from "../../../../operations/foreign-istio";
import { istio } from "../../../../topology";
import { type Doc, selects } from "../../../../verify/static/objects";
import { Charts } from "../../../support/charts";
import { BUILDING_MS } from "../../../support/controllers/plane";
import { platformTopologies } from "../../../support/platform-topologies";
import { Rendered } from "../../../support/rendered";
import { orSkip } from "../../../support/skip";

/** `prod` stands on a mesh that is there already. */
const complete = Object.entries(platformTopologies).filter(([, { platform }]) => platform.istio.install);

for (const [stack, topology] of complete)
  describe(`rendered charts of ${stack}`, function () {
    this.timeout(60_000);
    const ha = topology.platform.highAvailability;
    let rendered: Rendered;

    before(async function () {
      this.timeout(BUILDING_MS);
      const charts = await orSkip(this, () => Charts.load());
      rendered = await Rendered.of(charts, topology);
      charts.remove();
    });

    const deployment = (chart: string, name: string): Doc => rendered.one(chart, "Deployment", name).spec;
    const budgets = (chart: string) =>
      rendered
        .chart(chart)
        .filter(({ kind }) => kind === "PodDisruptionBudget")
        .map(({ metadata }) => metadata.name)
        .sort();

    describe("Gatekeeper", () => {
      const webhooks = (): Doc[] =>
        rendered.chart("gatekeeper").filter(({ kind }) => kind.endsWith("WebhookConfiguration"));
      const webhook = (name: string): Doc =>
        webhooks()
          .flatMap((configuration) => configuration.webhooks)
          .find((each) => each.name === name) ?? assert.fail(name);

      it("refuses what it cannot be asked about, and changes nothing", () => {
        assert.deepEqual(
          webhooks().map(({ kind }) => kind),
          ["ValidatingWebhookConfiguration"],
        );
        for (const { name, failurePolicy } of webhooks()[0].webhooks)
          assert.equal(failurePolicy, "Fail", name);
      });

      it("is asked about what this stack governs, and its own rules, alone", () => {
        const { rules } = webhook("validation.gatekeeper.sh");
        const asked = rules.flatMap(({ apiGroups, resources }: Doc) =>
          apiGroups.flatMap((group: string) => resources.map((resource: string) => `${group}/${resource}`)),
        );
        assert.deepEqual(
          asked.filter((each: string) => !/^([a-z]+\.gatekeeper\.sh|kagent\.dev)\/\*$/.test(each)),
          ["/namespaces", "/namespaces/*"],
        );
        for (const { operations, apiVersions, scope } of rules)
          assert.deepEqual([operations, apiVersions, scope], [["CREATE", "UPDATE"], ["*"], "*"]);
      });

      it("is asked about every kind that a constraint judges", () => {
        const { rules } = webhook("validation.gatekeeper.sh");
        const judged = plan(topology)
          .filter(({ manifest }) => manifest.apiVersion.startsWith("constraints.gatekeeper.sh/"))
          .flatMap(({ manifest }) => (manifest.spec as Doc).match.kinds as Doc[]);
        assert.ok(judged.length > 0);
        for (const { apiGroups, kinds } of judged)
          for (const group of apiGroups)
            for (const kind of kinds) {
              const resource = `${kind.toLowerCase()}s`;
              assert.ok(
                rules.some(
                  (rule: Doc) =>
                    rule.apiGroups.includes(group) &&
                    (rule.resources.includes("*") || rule.resources.includes(resource)),
                ),
                `${group}/${kind}`,
              );
            }
      });

      it("leaves out its own namespace alone, in both webhooks", () => {
        const own = { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["gatekeeper-system"] };
        assert.deepEqual(webhook("validation.gatekeeper.sh").namespaceSelector.matchExpressions, [
          { key: "admission.gatekeeper.sh/ignore", operator: "DoesNotExist" },
          own,
        ]);
        assert.deepEqual(webhook("check-ignore-label.gatekeeper.sh").namespaceSelector.matchExpressions, [
          own,
        ]);
        for (const name of ["gatekeeper-controller-manager", "gatekeeper-audit"]) {
          const { args } = deployment("gatekeeper", name).template.spec.containers[0];
          const exempt = args.filter((arg: string) => arg.startsWith("--exempt-namespace"));
          assert.ok(
            exempt.every((arg: string) => arg === "--exempt-namespace=gatekeeper-system"),
            exempt,
          );
        }
      });

      it("audits, generates native policies, and judges CEL", () => {
        const { args } = deployment("gatekeeper", "gatekeeper-audit").template.spec.containers[0];
        for (const arg of [
          "--operation=audit",
          "--operation=generate",
          "--operation=status",
          "--default-create-vap-for-templates=true",
          "--default-create-vap-binding-for-constraints=true",
          "--enable-k8s-native-validation=true",
        ])
          assert.ok(args.includes(arg), arg);
      });

      it("runs hooks that probe it and keep its CRDs, and none that labels or deletes", () => {
        const hooks = rendered
          .chart("gatekeeper")
          .filter(({ kind }) => kind === "Job")
          .map(({ metadata }) => [metadata.name, metadata.annotations["helm.sh/hook"]])
          .sort();
        assert.deepEqual(hooks, [
          ["gatekeeper-probe-webhook-post-install", "post-install"],
          ["gatekeeper-update-crds-hook", "pre-install,pre-upgrade"],
        ]);
      });

      it("has its replicas and a budget", () => {
        assert.equal(deployment("gatekeeper", "gatekeeper-controller-manager").replicas, ha ? 3 : 1);
        const { spec } = rendered.one("gatekeeper", "PodDisruptionBudget", "gatekeeper-controller-manager");
        assert.equal(spec.minAvailable, ha ? 1 : 0);
      });
    });

    describe("Istio", () => {
      const mesh = (): Doc => parse(rendered.one("istiod", "ConfigMap", "istio").data.mesh);
      const injection = (): Doc =>
        JSON.parse(rendered.one("istiod", "ConfigMap", "istio-sidecar-injector").data.values);

      it("runs the mesh as configured", () => {
        const { trustDomain, accessLogFile, accessLogEncoding, outboundTrafficPolicy, defaultConfig } =
          mesh();
        assert.equal(trustDomain, topology.cluster.trustDomain);
        assert.deepEqual([accessLogFile, accessLogEncoding], ["/dev/stdout", "JSON"]);
        assert.deepEqual(outboundTrafficPolicy, { mode: "REGISTRY_ONLY" });
        assert.equal(defaultConfig.holdApplicationUntilProxyStarts, true);
        assert.equal(
          defaultConfig.discoveryAddress,
          `istiod.${istio.ISTIO_NAMESPACE}.svc:${istio.ISTIOD_PORT}`,
        );
      });

      it("keeps Gateways of other namespaces off its gateways", () => {
        const { template } = deployment("istiod", "istiod");
        const env = template.spec.containers.flatMap((container: Doc) => container.env);
        for (const [name, value] of Object.entries(istio.GATEWAY_SCOPE))
          assert.deepEqual(
            env.filter((one: Doc) => one.name === name),
            [{ name, value }],
          );
      });

      it("is what the preflight takes, had somebody else installed it", async () => {
        const { platform } = topology;
        const foreign = {
          ...topology,
          platform: { ...platform, istio: { ...platform.istio, install: false } },
        };
        const istiod = rendered.one("istiod", "Deployment", "istiod");
        const get = async (path: string) => ({
          code: 200,
          body: path.includes("/deployments?")
            ? { items: [istiod] }
            : rendered.one("istiod", "ConfigMap", path.split("/").at(-1) ?? ""),
        });
        assert.deepEqual(await foreignIstio({ get }, foreign), { findings: [], notes: [] });
      });

      it("injects sidecars that a restricted namespace takes", () => {
        const { pilot, global } = injection();
        assert.equal(pilot.cni.enabled, true);
        assert.deepEqual(global.proxy.seccompProfile, { type: "RuntimeDefault" });
      });

      it("starts no pod that it cannot inject", () => {
        for (const { webhooks } of rendered
          .chart("istiod")
          .filter(({ kind }) => kind === "MutatingWebhookConfiguration"))
          for (const { name, failurePolicy } of webhooks) assert.equal(failurePolicy, "Fail", name);
      });

      it("has its replicas and a budget", () => {
        const { spec } = rendered.one("istiod", "HorizontalPodAutoscaler", "istiod");
        assert.equal(spec.minReplicas, ha ? 2 : 1);
        assert.deepEqual(budgets("istiod"), ha ? ["istiod"] : []);
      });

      it("sets up the pods' network from the node, in the one namespace that lets it", () => {
        const plugin = rendered.one("cni", "DaemonSet", "istio-cni-node");
        assert.equal(plugin.metadata.namespace, istio.ISTIO_NAMESPACE);
        const namespace = planned("Namespace").find(
          ({ metadata }) => metadata.name === istio.ISTIO_NAMESPACE,
        );
        assert.equal(namespace?.metadata.labels["pod-security.kubernetes.io/enforce"], "privileged");
      });

      it("serves sidecars where the network layer lets them", () => {
        const { spec } = rendered.one("istiod", "Service", "istiod");
        const port = spec.ports.find((each: Doc) => each.port === istio.ISTIOD_PORT);
        assert.ok(port, "no such port");
        assert.equal(port.targetPort ?? port.port, istio.ISTIOD_PORT);
      });
    });

    describe("the gateway", () => {
      it("is one private port, named so that callers do not route by host", () => {
        const { spec } = rendered.one("gateway", "Service", istio.GATEWAY_NAME);
        assert.equal(spec.type, "ClusterIP");
        assert.deepEqual(spec.ports, [
          { name: "tcp-a2a", port: istio.GATEWAY_PORT, protocol: "TCP", targetPort: istio.GATEWAY_PORT },
        ]);
      });

      it("runs under the account that the callees' policies name, and reads no Secret", () => {
        const pod = rendered.pods.find(({ chart }) => chart === "gateway");
        assert.equal(pod?.spec.serviceAccountName, istio.GATEWAY_NAME);
        assert.ok(rendered.one("gateway", "ServiceAccount", istio.GATEWAY_NAME));
        assert.ok(!rendered.chart("gateway").some(({ kind }) => kind === "Role" || kind === "RoleBinding"));
      });

      it("has its replicas and a budget", () => {
        const { spec } = rendered.one("gateway", "HorizontalPodAutoscaler", istio.GATEWAY_NAME);
        assert.equal(spec.minReplicas, ha ? 2 : 1);
        assert.deepEqual(budgets("gateway"), ha ? [istio.GATEWAY_NAME] : []);
      });
    });

    describe("cert-manager", () => {
      it("keeps its CRDs when it goes", () => {
        const crds = rendered.chart("cert-manager").filter(({ kind }) => kind === "CustomResourceDefinition");
        assert.equal(crds.length, 6);
        for (const { metadata } of crds)
          assert.equal(metadata.annotations["helm.sh/resource-policy"], "keep");
      });

      it("elects its leader in its own namespace", () => {
        const { args } = deployment("cert-manager", "cert-manager").template.spec.containers[0];
        assert.ok(args.includes("--leader-election-namespace=cert-manager"));
      });

      it("has its replicas and budgets", () => {
        const replicas = ["cert-manager", "cert-manager-webhook", "cert-manager-cainjector"].map(
          (name) => deployment("cert-manager", name).replicas,
        );
        assert.deepEqual(replicas, ha ? [2, 3, 2] : [1, 1, 1]);
        assert.deepEqual(budgets("cert-manager"), ha ? ["cert-manager"] : []);
      });

      it("has budgets of the program's own for the parts that its component cannot give one", () => {
        const own = planned("PodDisruptionBudget").filter(
          ({ metadata }) => metadata.namespace === "cert-manager",
        );
        assert.equal(own.length, ha ? 2 : 0);
        for (const { metadata, spec } of own) {
          const selected = rendered.pods.filter(
            ({ namespace, labels }) => namespace === "cert-manager" && selects(spec.selector, labels),
          );
          assert.deepEqual(
            selected.map(({ workload }) => workload.metadata.name),
            [metadata.name],
          );
        }
      });
    });

    const planned = (kind: string): Doc[] =>
      plan(topology)
        .map(({ manifest }) => manifest as Doc)
        .filter((manifest) => manifest.kind === kind);
  });
